"""Run the command line: `python -m tracker` is the command `tracker`.

Public: `main`.
"""

import signal


def main() -> None:
    """Run the command line; a Ctrl-C while it is being imported ends it without a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tracker.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
