"""Forms, storage, checks, Excel exchange, returns, merging. No Qt, no pandas."""
