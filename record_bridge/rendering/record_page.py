"""A record, a patient or a log as one readable, printable page.

Takes frozen views whose texts were said already, in the page's language, and gives HTML. It verifies nothing: what it
is given is shown, so a caller gives it only what was verified.
"""

from __future__ import annotations

from dataclasses import dataclass

from messaging.rendering.pages import Language, Say
from record_bridge.rendering.charts import Chart
from record_bridge.rendering.pages import page


@dataclass(frozen=True, slots=True)
class ResultView:
    label: str
    value: str
    unit: str
    range: str
    flag: str  # empty where it is normal


@dataclass(frozen=True, slots=True)
class LineView:
    """One item. `marks` are short words beside it; `abnormal` where a result calls for attention."""

    reference: str
    date: str
    kind: str
    title: str
    author: str
    readers: str = ""
    marks: tuple[str, ...] = ()
    abnormal: bool = False
    text: str = ""
    results: tuple[ResultView, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionView:
    """A place of the record with its items."""

    title: str
    lines: tuple[LineView, ...]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class RecordView:
    """Whose record, who keeps it, its items in the order of use, its results over time. `left_out` says what is not on
    this page; empty where it is complete."""

    title: str
    about: str
    keeper: str
    sections: tuple[SectionView, ...]
    charts: tuple[Chart, ...] = ()
    left_out: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True)
class AnswerView:
    author: str
    date: str
    text: str


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One exchange about the patient: where it is, whose turn, what was answered, what of it was filed."""

    reference: str
    title: str
    who: str
    state: str
    turn: str
    late: bool
    question: str
    answers: tuple[AnswerView, ...] = ()
    filings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientView:
    """One page for the doctor: the exchanges about a patient and what the record says. `record` may be None."""

    title: str
    about: str
    warnings: tuple[str, ...]
    exchanges: tuple[ExchangeView, ...]
    record: RecordView | None
    made: str = ""


@dataclass(frozen=True, slots=True)
class LogLineView:
    time: str
    text: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class LogView:
    """The patient's log by day, newest first, with what it cannot show."""

    title: str
    about: str
    days: tuple[tuple[str, tuple[LogLineView, ...]], ...]
    limits: str
    made: str = ""


def record_page(view: RecordView, say: Say, language: Language) -> str:
    return page("record.html.j2", say, language, record=view, title=view.title)


def patient_page(view: PatientView, say: Say, language: Language) -> str:
    return page("patient.html.j2", say, language, patient=view, record=view.record, title=view.title)


def log_page(view: LogView, say: Say, language: Language) -> str:
    return page("log.html.j2", say, language, log=view, title=view.title)
