"""Where something unforeseen was raised, for a log that must not hold what it says: mail or a password may be in it."""

from __future__ import annotations


def place(error: BaseException) -> str:
    """Module and line of the innermost frame."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
