"""Indicators: definitions, computation, tables, workbook, printed page. No widgets."""
