"""A made-up paper with everything a real one has; its numbers are invented and say so."""

import hashlib
import io
from pathlib import Path

from novum.manuscript.memory import InMemoryLookup, KnownClaim, KnownStatistic
from novum.records import Figure

HASH = hashlib.sha256(b"sample protocol").hexdigest()
HEAD = hashlib.sha256(b"sample head").hexdigest()
LOW, HIGH = {"weight_decay": 0.0, "train_fraction": 0.5}, {"weight_decay": 1.0, "train_fraction": 0.5}

BIBTEX = """
@article{power2022,
  title = {Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets},
  author = {Power, Alethea and Burda, Yuri and Edwards, Harri and Babuschkin, Igor and Misra, Vedant},
  journal = {arXiv preprint arXiv:2201.02177}, year = {2022}, values = {99 \\%}
}
@inproceedings{liu2022,
  title = {Towards Understanding Grokking: An Effective Theory of Representation Learning},
  author = {Liu, Ziming and Kitouni, Ouail and Nolte, Niklas and Michaud, Eric J. and Tegmark, Max and
            Williams, Mike},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2022}
}
@inproceedings{nanda2023,
  title = {Progress measures for grokking via mechanistic interpretability},
  author = {Nanda, Neel and Chan, Lawrence and Lieberum, Tom and Smith, Jess and Steinhardt, Jacob},
  booktitle = {International Conference on Learning Representations}, year = {2023}
}
@article{holm1979, title = {A simple sequentially rejective multiple test procedure}, author = {Holm, Sture},
  journal = {Scandinavian Journal of Statistics}, volume = {6}, pages = {65--70}, year = {1979}}
@article{royston2013, title = {Restricted mean survival time: an alternative to the hazard ratio},
  author = {Royston, Patrick and Parmar, Mahesh K. B.}, journal = {BMC Medical Research Methodology},
  volume = {13}, year = {2013}}
@article{uncited1999, title = {A work nobody cites}, author = {Nobody, N.}, journal = {Nowhere},
  year = {1999}}
"""


def _statistic(id: str, kind: str, value: float, config=None, *, claim="", metric="updates_to_generalise",
               phase="confirm", n=24) -> KnownStatistic:  # fmt: skip
    return KnownStatistic(id=id, kind=kind, label=f"{kind} of {metric}", metric=metric, unit="updates",
                          phase=phase, config=config, claim=claim, value=value, n=n,
                          sources=tuple(f"m{i:04d}" for i in range(n)))  # fmt: skip


STATISTICS = (
    _statistic("a1f0c2d3e4b5", "restricted_mean", 2814.3, LOW),
    _statistic("b2f0c2d3e4b5", "restricted_mean", 1192.7, HIGH),
    _statistic("d3f0c2d3e4b5", "difference", -1621.6, claim="c1a0b2c3d4e5"),
    _statistic("e4f0c2d3e4b5", "low", -1902.1, claim="c1a0b2c3d4e5"),
    _statistic("f5f0c2d3e4b5", "high", -1341.0, claim="c1a0b2c3d4e5"),
    _statistic("96f0c2d3e4b5", "p_value", 0.00004, claim="c1a0b2c3d4e5"),
    _statistic("87f0c2d3e4b5", "difference", 41.2, claim="c2a0b2c3d4e5"),
    _statistic("78f0c2d3e4b5", "low", -155.0, claim="c2a0b2c3d4e5"),
    _statistic("69f0c2d3e4b5", "high", 237.4, claim="c2a0b2c3d4e5"),
    _statistic("5af0c2d3e4b5", "p_value", 0.71, claim="c2a0b2c3d4e5"),
    KnownStatistic(id="n00000000001", kind="n", label="seeds per arm", value=24.0, phase="confirm", n=24),
    KnownStatistic(id="n00000000005", kind="n", label="seeds of a trial", value=2.0, phase="explore", n=2),
    KnownStatistic(id="n00000000002", kind="n", label="exploration trials", value=36.0, phase="explore"),
    KnownStatistic(id="n00000000003", kind="margin", label="margin", value=200.0),
    KnownStatistic(id="n00000000004", kind="level", label="family level", value=0.05),
)
CLAIMS = (
    KnownClaim(id="c1a0b2c3d4e5", verdict="supported", text="Raising weight decay shortens the time."),
    KnownClaim(id="c2a0b2c3d4e5", verdict="inconclusive", text="The operation does not matter."),
)
FIGURES = (
    Figure(id="f1a0b2c3d4e5", title="Arms", kind="arms", data="0" * 64,
           files={"svg": "1" * 64, "pdf": "2" * 64},
           caption="Updates to generalisation for each seed of both arms, with restricted means and their "
                   "intervals. Every dot is one of {{m:n00000000001|int}} seeds per arm."),
    Figure(id="f2a0b2c3d4e5", title="Curves", kind="curves", data="0" * 64, files={"svg": "3" * 64},
           caption="Learning curves at weight decay {{cfg:low.weight_decay}} (left) and "
                   "{{cfg:high.weight_decay}} (right). Thin lines are single seeds; the dashed line marks "
                   "the accuracy that counts as generalised."),
    Figure(id="f3a0b2c3d4e5", title="Dose", kind="dose", data="0" * 64, files={"png": "4" * 64},
           caption="Dose and response in the exploration phase. Nothing here entered a claim."),
)  # fmt: skip
SETTINGS = {"low.weight_decay": 0.0, "high.weight_decay": 1.0, "train_fraction": 0.5, "optimiser": "AdamW"}


def entries() -> dict[str, dict[str, str]]:
    from novum.literature.bibliography import Bibliography

    return {key: dict(entry) for key, entry in Bibliography(BIBTEX).entries().items()}


def lookup() -> InMemoryLookup:
    return InMemoryLookup(STATISTICS, CLAIMS, FIGURES, SETTINGS, entries())


def assets() -> dict[str, bytes]:
    """Figures drawn here, as SVG and PNG, and the bibliography."""
    return {
        "figures/f1a0b2c3d4e5.svg": _arms(),
        "figures/f2a0b2c3d4e5.svg": _curves(),
        "figures/f3a0b2c3d4e5.png": _dose(),
        "references.bib": BIBTEX.replace(", values = {99 \\%}", "").encode(),
    }


def _saved(figure, suffix: str) -> bytes:
    import matplotlib.pyplot as plt

    out = io.BytesIO()
    figure.savefig(
        out, format=suffix, bbox_inches="tight", metadata={"Date": None} if suffix == "svg" else None, dpi=200
    )
    plt.close(figure)
    return out.getvalue()


def _axes(width: float, height: float, columns: int = 1):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {"font.size": 8, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "x"}
    )
    return plt.subplots(1, columns, figsize=(width, height), squeeze=False)


def _arms() -> bytes:
    import numpy as np

    rng = np.random.default_rng(1)
    figure, axes = _axes(3.4, 2.3)
    for x, mean in enumerate((2814, 1192)):
        axes[0][0].plot(x + rng.uniform(-0.12, 0.12, 24), rng.normal(mean, 280, 24), "o", ms=3, alpha=0.6)
        axes[0][0].errorbar([x + 0.25], [mean], yerr=[110], fmt="s", color="black", ms=4, capsize=3)
    axes[0][0].set(xticks=[0, 1], xticklabels=["decay 0", "decay 1"], ylabel="updates")
    return _saved(figure, "svg")


def _curves() -> bytes:
    import numpy as np

    rng = np.random.default_rng(2)
    figure, axes = _axes(7.0, 2.2, 2)
    t = np.linspace(0, 4000, 80)
    for axis, middle in zip(axes[0], (2800, 1200), strict=True):
        for _ in range(12):
            axis.plot(
                t, 1 / (1 + np.exp(-(t - rng.normal(middle, 250)) / 160)), color="#1f4e79", lw=0.7, alpha=0.6
            )
        axis.axhline(0.99, ls="--", color="grey", lw=0.8)
        axis.set(xlabel="updates", ylabel="held-out accuracy")
    return _saved(figure, "svg")


def _dose() -> bytes:
    figure, axes = _axes(3.4, 2.1)
    axes[0][0].plot([0.0, 0.25, 0.5, 1.0], [2800, 2100, 1600, 1190], "o-")
    axes[0][0].set(xlabel="weight decay", ylabel="updates")
    return _saved(figure, "png")


def _trials() -> str:
    """A long table for the appendix; ids are code, levels are references."""
    rows = ["| trial | phase | weight decay | seeds |", "|:--|:--|--:|--:|"]
    for i in range(60):
        trial = hashlib.sha256(f"trial {i}".encode()).hexdigest()[:12]
        phase, arm, n = ("explore", "low", "n00000000005") if i < 36 else ("confirm", "high", "n00000000001")
        rows.append(f"| `{trial}` | {phase} | {{{{cfg:{arm}.weight_decay}}}} | {{{{m:{n}|int}}}} |")
    return "\n".join(rows)


def _source() -> str:
    text = (Path(__file__).parent / "sample.md").read_text()
    return text.replace("@HASH@", HASH).replace("@HEAD@", HEAD).replace("@TRIALS@", _trials())


SOURCE = _source()
