"""A log line is a stage and data: `log.info("step.done", key=…, step=…)`. No prose to parse."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, cast

import structlog

LogFormat = Literal["text", "json"]


def configure(log_format: LogFormat = "text", level: int = logging.INFO) -> None:
    """Once per program. Lines go to standard error, so that standard output stays for answers."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("stage"),
            renderer,
        ]
        if log_format == "json"
        else [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger for one module; `name` is its short name, such as "receiver"."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(source=name))
