"""A log line is a stage and data: `log.info("step.done", key=…, step=…)`. No prose to parse."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, cast

import structlog

LogFormat = Literal["text", "json"]


def configure(log_format: LogFormat = "text", level: int = logging.INFO) -> None:
    """Once per program. Lines go to standard error, so that standard output stays for answers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *(_as_json() if log_format == "json" else _as_text()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


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
