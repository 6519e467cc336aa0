"""`python -m desktop` and the bundled program start here."""

import multiprocessing

from desktop.cli import main

if __name__ == "__main__":
    # The bundled program starts itself again to read foreign files.
    multiprocessing.freeze_support()
    main()
