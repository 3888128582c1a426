"""Log lines: a stage and data, on standard error, and never a license key."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import pytest
import structlog

from shared.logs import LogFormat, configure, get_logger, route_standard
from shared.secrets import Secret
from tests.worlds.lines import logged

FORMATS: list[LogFormat] = ["text", "json"]
log = get_logger("shop")


def issue() -> None:
    """Fails while a license key stands in its variables, bare and inside another value."""
    license_key = "LK-VERY-SECRET"
    answer = {"license": {"id": "lic_1"}, "license_key": license_key}
    raise RuntimeError(f"no room for {answer['license']}")


@contextmanager
def as_before() -> Iterator[None]:
    """Python's own logging stands after the test as it did before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_a_json_line_is_a_stage_with_its_data() -> None:
    """Machines search for stage= and key=, and parse no prose."""
    with logged("json") as lines:
        log.info("step.done", key="own/test/subscription/sub_1", took_ms=41)

    (row,) = lines.rows()
    assert row.pop("timestamp").endswith("Z")
    assert row == {
        "stage": "step.done",
        "level": "info",
        "source": "shop",
        "key": "own/test/subscription/sub_1",
        "took_ms": 41,
    }


def test_a_text_line_is_the_same_for_people() -> None:
    """The stage stands first and bare."""
    with logged("text") as lines:
        log.info("step.done", key="sub_1")

    (line,) = lines.text.splitlines()
    assert "step.done" in line
    assert "key=sub_1" in line
    assert "source=shop" in line


@pytest.mark.parametrize("log_format", FORMATS)
def test_a_value_with_a_line_break_stays_one_line(log_format: LogFormat) -> None:
    """Nobody writes a line of the log by choosing a name for himself."""
    with logged(log_format) as lines:
        log.info("step.done", name="Ada\nstage=pass.closed")

    assert len(lines.text.splitlines()) == 1


@pytest.mark.parametrize("log_format", FORMATS)
def test_a_traceback_tells_the_place_and_no_variable(log_format: LogFormat) -> None:
    """A license key is in some variable whenever its license is being issued."""
    with logged(log_format) as lines:
        try:
            issue()
        except RuntimeError:
            log.exception("pass.broke", key="sub_1")

    assert "no room for" in lines.text
    assert "in issue" in lines.text
    assert "LK-VERY-SECRET" not in lines.text


@pytest.mark.parametrize("log_format", FORMATS)
def test_a_secret_among_the_data_is_masked(log_format: LogFormat) -> None:
    """Also inside a list or a mapping."""
    secret = Secret("LK-VERY-SECRET")
    with logged(log_format) as lines:
        log.info("step.done", one=secret, many=[secret], named={"key": secret})

    assert "LK-VERY-SECRET" not in lines.text
    assert "•••" in lines.text or "\\u2022" in lines.text


@pytest.mark.parametrize("log_format", FORMATS)
def test_lines_go_to_standard_error(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard output is for answers, which other programs read."""
    before = structlog.get_config()
    try:
        configure(log_format)
        log.warning("queue.unreachable")
    finally:
        structlog.configure(**before)

    out, err = capsys.readouterr()
    assert out == ""
    assert "queue.unreachable" in err


def test_what_is_below_the_level_is_not_written() -> None:
    """A command shows warnings only; a program tells each stage from info on."""
    with logged(level=logging.WARNING) as lines:
        log.info("step.done")
        log.warning("step.failed")
    assert lines.stages() == ["step.failed"]

    with logged(level=logging.INFO) as lines:
        log.debug("snapshot.taken")
        log.info("plan.made")
    assert lines.stages() == ["plan.made"]


def test_a_logger_made_before_the_log_is_configured_obeys_it() -> None:
    """Modules make theirs when they are imported."""
    with logged("text") as first, logged("json") as second:
        log.info("plan.made")

    assert first.text == ""
    assert json.loads(second.text)["stage"] == "plan.made"


def test_what_a_library_says_comes_out_as_our_own_lines_do() -> None:
    """Also with what is bound just then: during a pass, its sale."""
    with logged("json") as lines, redirect_stderr(lines), as_before():
        route_standard()
        with structlog.contextvars.bound_contextvars(key="own/test/subscription/sub_1"):
            logging.getLogger("urllib3.connectionpool").warning("Connection pool is %s", "full")
        logging.getLogger("urllib3.connectionpool").info("nobody needs to know")

    (row,) = lines.rows()
    assert row["stage"] == "Connection pool is full"
    assert row["key"] == "own/test/subscription/sub_1"
    assert (row["level"], row["logger"]) == ("warning", "urllib3.connectionpool")
