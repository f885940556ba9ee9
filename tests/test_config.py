"""Options: four places, one set of rules, and an origin for each value."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.config import FILE, OPTIONS, SEARCHES, SETTING, resolve
from novum.errors import UserError
from novum.records import ROLES, Prices
from novum.search import POLICIES
from novum.search.programs import CHOOSERS

# what each key accepts and what it must refuse, as text and (where TOML has a type) as a TOML value
GOOD = {
    "domain": (["grokking", "./mine"], []),
    "budget": (["smoke", "default", "full"], []),
    "scientist": (["systematic", "language"], []),
    "search": (["design", "adaptive", "islands"], []),
    "ideas": (["1", "5"], [1, 5]),
    "seed": (["0", "17"], [0, 17]),
    "deterministic": (["true", "false", "True"], [True, False]),
    "workers": (["1", "64"], [1, 64]),
    "executor": (["local"], []),
    "sandbox": (["auto", "bwrap", "namespaces", "sandlock", "process", "none"], []),
    "device": (["cpu", "gpu"], []),
    "budget_minutes": (["0.5", "90"], [0.5, 90]),
    "budget_trials": (["1", "30"], [1, 30]),
    "budget_usd": (["0.5", "20"], [0.5, 20]),
    "budget_tokens": (["1", "1000000"], [1, 1000000]),
    "budget_calls": (["1", "300"], [1, 300]),
    "model": (["openai:x", "http://localhost:1/v1#x"], []),
    **{f"model_{role}": (["anthropic:x"], []) for role in ROLES},
    "model_fallback": (["groq:x", "groq:x, ollama:y"], []),
    "model_choice": (["order", "bandit"], []),
    "price_input": (["0", "1.25"], [0, 1.25]),
    "price_output": (["0", "10"], [0.0, 10]),
    "calls_at_once": (["1", "32"], [1, 32]),
    "context_tokens": (["1000", "200000"], [1000, 200000]),
    "style": (["novum"], []),
    "until": (["domain", "ideas", "protocol"], []),
}
BAD = {
    "lab": ["", 3],
    "domain": [" ", 3],
    "budget": ["tiny", 3, ""],
    "scientist": ["mad", 1, ""],
    "search": ["best", 1, ""],
    "ideas": ["0", "two", 1.5, True],
    "seed": ["-1", "x", 1.5, True, str(1 << 80)],
    "deterministic": ["yes", "", 1, "1"],
    "workers": ["0", "two", 0, 2.0, False],
    "executor": ["slurm", "ray"],
    "sandbox": ["docker", 1],
    "device": ["cuda"],
    "budget_minutes": ["0", "-3", "nan", "inf", "x", True, [1]],
    "budget_trials": ["0", "1.5", 0],
    "budget_usd": ["0", "-1", "nan", "free", True],
    "budget_tokens": ["0", "1.5", "1k", 0],
    "budget_calls": ["0", "x"],
    "model": ["", 3],
    **{f"model_{role}": [" ", 3] for role in ROLES},
    "model_fallback": ["", 3],
    "model_choice": ["", "best", True],
    "price_input": ["-1", "nan", "x", True],
    "price_output": ["-1", "inf", "x", False],
    "calls_at_once": ["0", "x", 1.5],
    "context_tokens": ["999", "x"],
    "style": [""],
    "until": ["paper", ""],
}


def toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def test_every_option_is_covered_by_these_tables():
    assert set(GOOD) | {"lab"} == set(OPTIONS) == set(BAD)


def test_defaults_say_that_they_are_defaults(tmp_path):
    got = resolve({}, environ={}, cwd=tmp_path)
    assert set(got.origins.values()) == {"default"} and set(got.origins) == set(OPTIONS)
    assert got.settings.domain == "grokking" and got.settings.until == "" and got.settings.seed is None
    assert got.lab == tmp_path / "lab"
    assert set(got.settings.origins) == set(OPTIONS) - {"lab", "ideas"}
    assert got.ideas == 1


def test_a_relative_lab_stays_relative_to_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert resolve({}, environ={}).lab == Path("lab")


places = st.sampled_from(["here", "lab", "environment", "command line"])
settings = st.sampled_from([(key, text) for key, (texts, _) in sorted(GOOD.items()) for text in texts])


@given(assignments=st.dictionaries(st.tuples(places, st.sampled_from(sorted(GOOD))), st.integers(0, 5)))
def test_the_later_place_prevails_key_by_key(tmp_path_factory, assignments):
    root = tmp_path_factory.mktemp("here")
    (root / "lab").mkdir()
    given_at: dict[str, dict[str, str]] = {p: {} for p in ("here", "lab", "environment", "command line")}
    for (place, key), index in assignments.items():
        texts = GOOD[key][0]
        given_at[place][key] = texts[index % len(texts)]
    for place, folder in (("here", root), ("lab", root / "lab")):
        lines = [f"{k} = {toml(OPTIONS[k].read(v))}" for k, v in given_at[place].items()]
        (folder / FILE).write_text("\n".join(lines))
    environ = {f"NOVUM_{k.upper()}": v for k, v in given_at["environment"].items()}
    got = resolve(given_at["command line"], environ=environ, cwd=root)
    for key in GOOD:
        winner = [p for p in given_at if key in given_at[p]][-1:]
        if not winner:
            assert got.origins[key] == "default"
            continue
        expected = given_at[winner[0]][key]
        value = value_of(got, key)
        assert value == OPTIONS[key].read(expected)
        origin = got.origins[key]
        assert origin.startswith({"here": "novum.toml:", "lab": "lab/novum.toml:"}.get(winner[0], winner[0]))


def value_of(got, key):
    return getattr(got if key == "ideas" else got.settings, SETTING.get(key, key))


def test_every_search_policy_can_be_chosen():
    assert (*POLICIES, *CHOOSERS) == SEARCHES and not set(POLICIES) & set(CHOOSERS)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_good_values_are_taken_from_a_file_with_their_line(tmp_path, key):
    for value in GOOD[key][1] or GOOD[key][0]:
        (tmp_path / FILE).write_text(f"# my options\n\n{key.replace('_', '-')} = {toml(value)}\n")
        got = resolve({}, environ={}, cwd=tmp_path)
        assert value_of(got, key) == value and got.origins[key] == "novum.toml:3"


@pytest.mark.parametrize("key", sorted(BAD))
def test_bad_values_are_refused_wherever_they_stand(tmp_path, key):
    for value in BAD[key]:
        if isinstance(value, str):
            with pytest.raises(UserError) as error:
                resolve({key: value}, environ={}, cwd=tmp_path)
            assert ("DOMAIN" if key == "domain" else "--" + key.replace("_", "-")) in str(error.value)
        if isinstance(value, str) and value:
            with pytest.raises(UserError, match=f"NOVUM_{key.upper()} is "):
                resolve({}, environ={f"NOVUM_{key.upper()}": value}, cwd=tmp_path)
        (tmp_path / FILE).write_text(f"\n{key} = {toml(value)}\n")
        with pytest.raises(UserError, match=rf"novum.toml:2: {key} is .*; give "):
            resolve({}, environ={}, cwd=tmp_path)
        (tmp_path / FILE).unlink()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("worker = 2", r"novum.toml:1: there is no option 'worker'; did you mean 'workers'\?"),
        ("\nbudget-minute = 2", r"novum.toml:2: .*'budget-minute'; did you mean 'budget_minutes'\?"),
        ("zzz = 1", "there is no option 'zzz'; the keys are lab, domain"),
        ("[workers]\nn = 1", "novum.toml:1: workers is {'n': 1}; give a whole number"),
        ("workers = \n", "novum.toml cannot be read: .*line 1"),
        ('workers = "2"', "novum.toml:1: workers is '2'; give a whole number from 1"),
        ("workers = 1\nworkers = 2", "novum.toml cannot be read"),
        ("budget-minutes = 1\nbudget_minutes = 2", "novum.toml:2: budget_minutes is set twice"),
    ],
)
def test_a_bad_file_is_named_with_line_and_key(tmp_path, text, says):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UserError, match=says):
        resolve({}, environ={}, cwd=tmp_path)


def test_bytes_that_are_no_text_are_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"style = '\xff'")
    with pytest.raises(UserError, match=r"novum\.toml cannot be read"):
        resolve({}, environ={}, cwd=tmp_path)


def test_an_unknown_variable_is_named_with_its_nearest(tmp_path):
    with pytest.raises(UserError, match=r"NOVUM_WORKER: .*did you mean 'NOVUM_WORKERS'\?"):
        resolve({}, environ={"NOVUM_WORKER": "2"}, cwd=tmp_path)
    assert resolve({}, environ={"NOVUM_SEED": "", "OTHER": "x"}, cwd=tmp_path).settings.seed is None


def test_variables_of_the_launcher_are_no_options(tmp_path):
    script = (Path(__file__).parents[1] / "novum").read_text()
    used = set(re.findall(r"NOVUM_[A-Z]+", script))
    assert used
    resolve({}, environ=dict.fromkeys(used, "/somewhere"), cwd=tmp_path)


def test_the_lab_may_be_named_anywhere_but_in_itself(tmp_path):
    (tmp_path / FILE).write_text("lab = 'elsewhere'")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / FILE).write_text("workers = 7")
    got = resolve({}, environ={}, cwd=tmp_path)
    assert got.lab == tmp_path / "elsewhere" and got.settings.workers == 7
    assert got.origins["workers"] == "elsewhere/novum.toml:1"
    (tmp_path / "elsewhere" / FILE).write_text("lab = 'third'")
    with pytest.raises(UserError, match="a lab cannot name another lab"):
        resolve({}, environ={}, cwd=tmp_path)


def test_a_lab_that_is_the_working_directory_is_read_once(tmp_path):
    (tmp_path / FILE).write_text("lab = '.'\nworkers = 3")
    got = resolve({}, environ={}, cwd=tmp_path)
    assert got.settings.workers == 3 and got.origins["workers"] == "novum.toml:2"


def test_policy_limits_are_taken_and_joined_control_by_control(tmp_path):
    (tmp_path / FILE).write_text("workers = 3\n[policy.trials]\nlimit = 10\n[policy.disk_mb]\nlimit = 5.5\n")
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / FILE).write_text("[policy.trials]\nlimit = 7\n[policy.confined]\nlimit = ['bwrap']\n")
    got = resolve({}, environ={}, cwd=tmp_path).settings
    assert got.policy_limits == {"trials": 7.0, "disk_mb": 5.5, "confined": ("bwrap",)}
    assert got.origins["policy.trials"].startswith("lab/novum.toml") and got.workers == 3


@pytest.mark.parametrize(
    "text", ["policy = 3", "[policy.x]\nlimt = 3", "[policy.x]", "[policy.x]\nlimit = true"]
)
def test_a_malformed_policy_table_is_named(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UserError, match=r"novum\.toml:1: "):
        resolve({}, environ={}, cwd=tmp_path)


def test_a_model_per_role_or_one_for_all(tmp_path):
    given = {"model": "a:1", "model_write": "b:2", "model_fallback": "c:3, a:1"}
    settings = resolve(given, environ={}, cwd=tmp_path).settings
    assert settings.models_of("ideate") == ("a:1", "c:3")
    assert settings.models_of("write") == ("b:2", "c:3", "a:1")
    alone = resolve({"model_code": "b:2", "model_fallback": "c:3"}, environ={}, cwd=tmp_path).settings
    assert (alone.models_of("code"), alone.models_of("ideate")) == (("b:2", "c:3"), ())


def test_prices_by_name_go_before_the_one_for_all(tmp_path):
    (tmp_path / FILE).write_text('[price."a:1"]\ninput = 1\noutput = 2.5\ncached = 0.1\n')
    settings = resolve({"price_input": "3", "price_output": "4"}, environ={}, cwd=tmp_path).settings
    assert settings.price_of("a:1") == Prices(input=1, output=2.5, cached=0.1)
    assert settings.price_of("b:2") == Prices(input=3, output=4)
    half = resolve({"price_input": "3"}, environ={}, cwd=tmp_path).settings
    assert half.price_of("b:2") is None  # one of the two says nothing about a call


@pytest.mark.parametrize("line", ["input = 1", "input = -1\noutput = 1", "input = 1\noutput = 2\nper = 3"])
def test_a_price_that_is_none_names_the_line(tmp_path, line):
    (tmp_path / FILE).write_text(f'[price."a:1"]\n{line}\n')
    with pytest.raises(UserError, match=r"novum.toml:1: .*; write \[price"):
        resolve({}, environ={}, cwd=tmp_path)


def test_the_key_of_a_server_is_no_option(tmp_path):
    resolve({}, environ={"NOVUM_MODEL_KEY": "sk-secret"}, cwd=tmp_path)


def test_a_model_makes_it_the_language_scientist_unless_the_systematic_one_is_asked_for(tmp_path):
    (tmp_path / "novum.toml").write_text('model = "openai:x"\nmodel-code = "openai:y"\n')
    got = resolve({}, environ={}, cwd=tmp_path).settings
    assert (got.scientist, got.model) == ("language", "openai:x")
    control = resolve({"scientist": "systematic"}, environ={}, cwd=tmp_path).settings
    assert control.scientist == "systematic"
    assert resolve({}, environ={}, cwd=tmp_path / "elsewhere").settings.scientist == "systematic"
