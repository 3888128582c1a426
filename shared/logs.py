"""A log line is a stage and data: `log.info("step.done", key=…, step=…)`. No prose to parse."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, cast

import structlog
from structlog.typing import EventDict, Processor

from shared import tracing

LogFormat = Literal["text", "json"]


def configure(log_format: LogFormat = "text", level: int = logging.INFO) -> None:
    """Once per program. Lines go to standard error, so that standard output stays for answers."""
    structlog.configure(
        processors=[
            *SHARED,
            *(_as_json() if log_format == "json" else _as_text()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def route_standard() -> None:
    """Let what libraries say through Python's own `logging` come out as our lines do, from a
    warning on. For a program's start; the web server has a log of its own.
    """
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*SHARED, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *structlog.get_config()["processors"][len(SHARED) :],
        ],
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)


def _add_trace(_logger: object, _method: str, line: EventDict) -> EventDict:
    if (trace_id := tracing.trace_id()) is not None:
        line["trace_id"] = trace_id
    return line


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    _add_trace,
]


def _as_json() -> list[Any]:
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("stage"),
        structlog.processors.JSONRenderer(),
    ]


def _as_text() -> list[Any]:
    return [
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            pad_event_to=0,
            # structlog's own choice prints local variables, and with them license keys
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger for one module; `name` is its short name, such as "receiver"."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(source=name))
