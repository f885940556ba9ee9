"""The options of a study, each knowing whence its value came.

Four places are asked, the later ones prevailing: the defaults, `novum.toml` (first the one in the working
directory, then the one in the lab), environment variables `NOVUM_<KEY>`, the command line. All four take
the same keys, checked by the same rules; a key that does not exist is an error in each of them, so that
a misspelt option never passes in silence. `novum.toml` may also hold tables `[policy.NAME] limit = …`, a
person's own limits of the controls in `novum.safeguards`, which checks their names and whether they may
be changed.
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from novum.errors import UserError
from novum.records import ROLES, Prices, Settings

FILE = "novum.toml"
PREFIX = "NOVUM_"
POLICY = "policy"
PRICE = "price"
# of the script `novum` in a checkout, and the key of a server given by its address; no options of a study
OTHERS = ("NOVUM_PYTHON", "NOVUM_VENV", "NOVUM_MODEL_KEY")
RUN = ("lab", "ideas")  # of the run, not of a study
DEFAULT_LAB = "lab"
DEFAULT_DOMAIN = "grokking"
DEVICES = ("cpu", "gpu")
SANDBOXES = ("auto", "bwrap", "namespaces", "sandlock", "process", "none")
MODEL = "a model as provider:name"
BUDGETS = ("smoke", "default", "full")
STOPS = ("domain", "ideas", "protocol")
FACTOR_SEARCHES = ("design", "adaptive")
PROGRAM_SEARCHES = (
    *("broadening", "best-first", "greedy", "upper-bounds", "islands", "map-elites", "go-explore"),
    *("intelligent-go-explore", "first-explore", "portfolio"),
)
SEARCHES = (*FACTOR_SEARCHES, *PROGRAM_SEARCHES)
CHOICES = ("order", "bandit")
SCIENTISTS = ("systematic", "language")
SETTING = {"search": "policy"}  # keys whose setting has another name: the table [policy] is of safeguards


class Option(NamedTuple):
    """One key: what it accepts in words, the check of a typed value, and how a text becomes typed."""

    key: str
    expects: str
    parse: Callable[[Any], Any]
    read: Callable[[str], Any] = str


class Resolved(Struct, frozen=True, kw_only=True):
    """The outcome: where the lab is, what fixes the study, how many studies, and the origin of every key."""

    lab: Path
    settings: Settings
    origins: dict[str, str]
    ideas: int = 1


# --- what each key accepts ----------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _read_switch(text: str) -> bool:
    return {"true": True, "false": False}[text.strip().lower()]


def _choice(*allowed: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError
        return value

    return parse


def _whole(least: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 1 << 63:
            raise ValueError
        return value

    return parse


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    if not math.isfinite(value) or value <= 0:
        raise ValueError
    return float(value)


def _price(value: Any) -> float:
    return 0.0 if value == 0 and not isinstance(value, bool) else _positive(value)


def _either(names: tuple[str, ...]) -> str:
    return "one of " + ", ".join(names)


OPTIONS: dict[str, Option] = {
    option.key: option
    for option in (
        Option("lab", "a folder", _text),
        Option("domain", "a domain's name or folder", _text),
        Option("budget", _either(BUDGETS), _choice(*BUDGETS)),
        Option("scientist", _either(SCIENTISTS), _choice(*SCIENTISTS)),
        Option("search", _either(SEARCHES), _choice(*SEARCHES)),
        Option("ideas", "a whole number from 1", _whole(1), int),
        Option("seed", "a whole number from 0", _whole(0), int),
        Option("deterministic", "true or false", _switch, _read_switch),
        Option("workers", "a whole number from 1", _whole(1), int),
        Option("executor", "local", _choice("local")),
        Option("sandbox", _either(SANDBOXES), _choice(*SANDBOXES)),
        Option("device", _either(DEVICES), _choice(*DEVICES)),
        Option("budget_minutes", "a number above 0", _positive, float),
        Option("budget_trials", "a whole number from 1", _whole(1), int),
        Option("budget_usd", "a number above 0", _positive, float),
        Option("budget_tokens", "a whole number from 1", _whole(1), int),
        Option("budget_calls", "a whole number from 1", _whole(1), int),
        Option("model", MODEL, _text),
        *(Option(f"model_{role}", MODEL, _text) for role in ROLES),
        Option("model_fallback", "models as provider:name, separated by commas", _text),
        Option("model_choice", _either(CHOICES), _choice(*CHOICES)),
        Option("price_input", "USD per million tokens", _price, float),
        Option("price_output", "USD per million tokens", _price, float),
        Option("calls_at_once", "a whole number from 1", _whole(1), int),
        Option("context_tokens", "a whole number from 1000", _whole(1000), int),
        Option("style", "a style's name", _text),
        Option("until", _either(STOPS), _choice(*STOPS)),
    )
}


# --- asking the four places ---------------------------------------------------------------------------


def resolve(
    command_line: Mapping[str, Any],
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Resolved:
    """Settings and lab from all four places.

    Args:
        command_line: key -> value as typed; None means that the option was not given.
        environ: the process's own environment unless given; only `NOVUM_*` is read.
        cwd: where `novum.toml` and a relative lab are looked for.

    Raises:
        UserError: an unknown key, or a value that its option does not accept; it names file and key.
    """
    here = cwd or Path.cwd()
    above = from_environment(os.environ if environ is None else environ) | from_command_line(command_line)
    found = _defaults() | from_file(here / FILE, FILE) | above
    lab = here / found["lab"][0]
    if lab.resolve() != here.resolve():
        in_lab = from_file(lab / FILE, f"{found['lab'][0]}/{FILE}")
        if "lab" in in_lab:
            raise UserError(f"{in_lab['lab'][1]}: a lab cannot name another lab", fix="remove the key 'lab'")
        found = found | in_lab | above
    origins = {key: origin for key, (_, origin) in found.items()}
    values = {SETTING.get(key, key): found[key][0] for key in OPTIONS if key not in RUN}
    its_own = {key: origin for key, origin in origins.items() if key not in RUN}
    named = any(values[key] for key in ("model", *(f"model_{role}" for role in ROLES)))
    if origins["scientist"] == "default":
        values["scientist"] = "language" if named else "systematic"
    settings = Settings(
        **values,
        policy_limits=_under(POLICY, found),
        prices=_under(PRICE, found),
        origins=its_own,
    )
    where = Path(found["lab"][0]) if cwd is None else lab
    return Resolved(lab=where, settings=settings, origins=origins, ideas=found["ideas"][0])


CHANGEABLE = {
    *("workers", "sandbox", "executor", "until", "style"),
    *("budget_minutes", "budget_trials", "budget_usd", "budget_tokens", "budget_calls"),
    *("model", "model_fallback", "model_choice", *(f"model_{role}" for role in ROLES)),
    *("price_input", "price_output", "calls_at_once", "context_tokens"),
}


def changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """The settings with some of those changed that a study does not fix at its start.

    Raises:
        UserError: a key that a study fixes at its start, or a value of the wrong type.
    """
    if fixed := sorted(set(changes) - CHANGEABLE):
        raise UserError(
            f"a study fixes {', '.join(fixed)} when it starts", fix="start a new one with novum run"
        )
    if settings.scientist == "systematic" and any(key.startswith("model") for key in changes):
        raise UserError("this study asks no model", fix="start a new one with novum run --model NAME")
    try:
        return msgspec.convert(msgspec.to_builtins(settings) | dict(changes), Settings)
    except msgspec.ValidationError as error:
        raise UserError(f"cannot change the settings: {error}") from error


Found = dict[str, tuple[Any, str]]
"""key -> (value, origin)"""


def from_environment(environ: Mapping[str, str]) -> Found:
    """Values of the variables `NOVUM_<KEY>`; an empty variable counts as absent."""
    found: Found = {}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in OTHERS and environ[name] != "":
            key = name.removeprefix(PREFIX).lower()
            shown = PREFIX + _nearest(key).upper() if _nearest(key) else ""
            found[_known(key, f"environment variable {name}", shown)] = (environ[name], "environment")
    return {key: (_from_text(key, value, PREFIX + key.upper()), at) for key, (value, at) in found.items()}


def from_command_line(given: Mapping[str, Any]) -> Found:
    """Values typed as options, None for those that were not."""
    found: Found = {}
    for key, value in given.items():
        if value is not None:
            found[_known(key, "command line")] = (_from_text(key, value, _flag(key)), "command line")
    return found


def from_file(path: Path, shown: str) -> Found:
    """Values of one `novum.toml`, keys spelt with `-` or `_`; nothing if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
        table = msgspec.toml.decode(text, type=dict[str, Any])
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
        raise UserError(f"{shown} cannot be read: {error}", fix="mend it or move it away") from error
    found = _policy(table.pop(POLICY, {}), text, shown) | _prices(table.pop(PRICE, {}), text, shown)
    for written, value in table.items():
        where = f"{shown}:{_line_of(written, text)}"
        key = _known(written.replace("-", "_"), where, as_written=written)
        if key in found:
            raise UserError(f"{where}: {key} is set twice", fix="keep one spelling of it")
        found[key] = (_check(key, value, f"{where}: {written}"), where)
    return found


def _policy(tables: Any, text: str, shown: str) -> Found:
    """Limits of policy controls, each under a key of its own, so that files are joined control by control."""
    where = f"{shown}:{_line_of(POLICY, text)}"
    if not isinstance(tables, dict):
        raise UserError(f"{where}: {POLICY} is {tables!r}", fix=f"write [{POLICY}.NAME] and limit = …")
    found: Found = {}
    for name, table in tables.items():
        try:
            limit = msgspec.convert(table, _PolicyTable).limit
        except msgspec.ValidationError as error:
            raise UserError(f"{where}: [{POLICY}.{name}]: {error}", fix="its one key is limit") from error
        found[f"{POLICY}.{name}"] = (limit, where)
    return found


def _prices(tables: Any, text: str, shown: str) -> Found:
    """A person's own prices, by the model's name."""
    where = f"{shown}:{_line_of(PRICE, text)}"
    fix = f'write [{PRICE}."NAME"] with input = … and output = … in USD per million tokens'
    try:
        priced = msgspec.convert(tables, dict[str, Prices], strict=False)
    except msgspec.ValidationError as error:
        raise UserError(f"{where}: {error}", fix=fix) from error
    return {f"{PRICE}.{name}": (price, where) for name, price in priced.items()}


def _under(table: str, found: Found) -> dict[str, Any]:
    """The values of a table, by the rest of their keys."""
    return {
        key.removeprefix(f"{table}."): value
        for key, (value, _) in found.items()
        if key.startswith(f"{table}.")
    }


class _PolicyTable(Struct, forbid_unknown_fields=True):
    limit: float | tuple[str, ...]


def _defaults() -> Found:
    plain = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    own = {"lab": DEFAULT_LAB, "domain": DEFAULT_DOMAIN, "ideas": 1}
    return {key: (own.get(key, plain.get(SETTING.get(key, key))), "default") for key in OPTIONS}


def _check(key: str, value: Any, where: str) -> Any:
    try:
        return OPTIONS[key].parse(value)
    except (ValueError, TypeError, OverflowError):
        raise UserError(f"{where} is {value!r}", fix=f"give {OPTIONS[key].expects}") from None


def _from_text(key: str, value: Any, where: str) -> Any:
    if isinstance(value, str):
        try:
            return _check(key, OPTIONS[key].read(value), where)
        except (ValueError, KeyError):
            pass  # not of that kind: refused below with the words for it
    return _check(key, value, where)


def _known(key: str, where: str, nearest: str = "", as_written: str = "") -> str:
    if key in OPTIONS:
        return key
    nearest = nearest or _nearest(key)
    fix = f"did you mean '{nearest}'?" if nearest else "the keys are " + ", ".join(OPTIONS)
    raise UserError(f"{where}: there is no option '{as_written or key}'", fix=fix)


def _nearest(key: str) -> str:
    return next(iter(get_close_matches(key, OPTIONS, n=1)), "")


def _flag(key: str) -> str:
    return key.upper() if key == "domain" else "--" + key.replace("_", "-")


def _line_of(key: str, text: str) -> int:
    pattern = re.compile(rf"""^\s*\[*\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    return next((n for n, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)
