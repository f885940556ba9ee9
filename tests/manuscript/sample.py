"""A made-up paper with everything a real one has; its numbers are invented and say so."""

import hashlib
import io

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
  author = {Liu, Ziming and Kitouni, Ouail and Nolte, Niklas and Michaud, Eric J. and Tegmark, Max and Williams, Mike},
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
@article{uncited1999, title = {A work nobody cites}, author = {Nobody, N.}, journal = {Nowhere}, year = {1999}}
"""


def _statistic(id: str, kind: str, value: float, config=None, *, claim="", metric="updates_to_generalise",
               phase="confirm", n=24) -> KnownStatistic:  # fmt: skip
    return KnownStatistic(id=id, kind=kind, label=f"{kind} of {metric}", metric=metric, unit="updates", phase=phase,
                          config=config, claim=claim, value=value, n=n,
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
    KnownStatistic(id="n00000000002", kind="n", label="exploration trials", value=36.0, phase="explore"),
    KnownStatistic(id="n00000000003", kind="margin", label="margin", value=200.0),
    KnownStatistic(id="n00000000004", kind="level", label="family level", value=0.05),
)
CLAIMS = (
    KnownClaim(id="c1a0b2c3d4e5", verdict="supported", text="Raising weight decay shortens the time."),
    KnownClaim(id="c2a0b2c3d4e5", verdict="inconclusive", text="The operation does not matter."),
)
FIGURES = (
    Figure(id="f1a0b2c3d4e5", title="Arms", kind="arms", data="0" * 64, files={"svg": "1" * 64, "pdf": "2" * 64},
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
    figure.savefig(out, format=suffix, bbox_inches="tight", metadata={"Date": None} if suffix == "svg" else None, dpi=200)
    plt.close(figure)
    return out.getvalue()


def _axes(width: float, height: float, columns: int = 1):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "x"})
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
            axis.plot(t, 1 / (1 + np.exp(-(t - rng.normal(middle, 250)) / 160)), color="#1f4e79", lw=0.7, alpha=0.6)
        axis.axhline(0.99, ls="--", color="grey", lw=0.8)
        axis.set(xlabel="updates", ylabel="held-out accuracy")
    return _saved(figure, "svg")


def _dose() -> bytes:
    figure, axes = _axes(3.4, 2.1)
    axes[0][0].plot([0.0, 0.25, 0.5, 1.0], [2800, 2100, 1600, 1190], "o-")
    axes[0][0].set(xlabel="weight decay", ylabel="updates")
    return _saved(figure, "png")


SOURCE = f"""+++
title = "Weight decay and delayed generalisation in a small network learning modular addition"
authors = "Novum 0.1.0, systematic scientist (no language model)"
study = "3f9c0ab1d2e4"
date = "20 November 2026"
keywords = ["grokking", "weight decay", "pre-registration"]

[disclosure]
"Written by" = "Novum 0.1.0 alone; prose from templates, no language model; no person changed the text"
"Confinement" = "bubblewrap: no network, no files but the trial's own"
"Cost" = "0 USD; {{{{m:n00000000002|int}}}} exploration trials"
"Protocol" = "`{HASH}`"
"Chain head" = "event 412, `{HEAD}`"
+++

# Abstract

Small networks may fit their training set long before they generalise. We ask whether weight decay governs
that delay. Under a protocol registered before any confirmation run, the restricted mean of updates to
generalisation was {{{{m:a1f0c2d3e4b5|,.0f}}}} at weight decay {{{{cfg:low.weight_decay}}}} and
{{{{m:b2f0c2d3e4b5|,.0f}}}} at weight decay {{{{cfg:high.weight_decay}}}}. The claim that decay shortens the
delay is {{{{c:c1a0b2c3d4e5}}}}; a second claim, on the operation, is {{{{c:c2a0b2c3d4e5}}}}.

# Introduction

When a network is trained on a small algorithmic data set, its accuracy on held-out examples may stay at the
level of chance long after the training examples have been fitted, and then rise to nearly perfect
[@power2022]. The phenomenon, called grokking, has been described for modular arithmetic, for groups and for
other finite operations, and its causes are debated. One line of work explains it by the slow formation of a
structured representation [@liu2022]; another reads the trained weights and finds that a trigonometric
algorithm is learnt gradually, hidden behind memorisation [@nanda2023].

What both accounts share is the role of regularisation. If memorising solutions have larger norm than
structured ones, a pull towards small weights favours the latter, and the time until held-out accuracy rises
should fall as the pull grows. The original report put the accuracy reached at {{{{lit:power2022|99 %}}}}.

This paper registers that prediction, together with one other, and tests both on fresh seeds and data that
the exploration never saw. It makes no claim to novelty: the first prediction is known, and we say so.

# Method

## Task and network

A table of the binary operation $a \\circ b = (a + b) \\bmod p$ over residues is split into a training and a
held-out part with training fraction {{{{cfg:train_fraction}}}}. Tokens are relabelled for each seed by a secret
permutation, so that a program cannot know the operation from its names. The network embeds both tokens,
adds the embeddings and applies a hidden layer of quadratic units:

$$ f(a, b) = W_2 \\left( W_1 (E_a + E_b) \\right)^{{\\odot 2}}. $$

Training is full-batch with {{{{cfg:optimiser}}}}. The update rule shrinks weights by a fixed share at every
step, $\\theta \\leftarrow \\theta - \\eta (g + \\lambda \\theta)$, with $\\lambda$ the weight decay.

## Outcome

The outcome is the number of updates until held-out accuracy reaches, and keeps, the threshold. Runs that do
not reach it are censored at a common horizon and enter through the restricted mean [@royston2013], which is
the area under the survival curve up to the horizon,

$$ \\mu(\\tau) = \\int_0^{{\\tau}} S(t) \\, \\mathrm{{d}}t . $$

## Registered protocol

The protocol was frozen, and its hash `{HASH}` printed, before the first confirmation run. It names a family of
claims, tested at a family-wise level of {{{{m:n00000000004|.2f}}}} with the procedure of @holm1979, a margin of
{{{{m:n00000000003|int}}}} updates as the smallest effect of interest, and {{{{m:n00000000001|int}}}} seeds per arm.
Pairs of arms share seeds, and seeds resample the data, the split and the initialisation. The exploration phase
used {{{{m:n00000000002|int}}}} trials, whose outcomes enter no claim.

- Every confirmation trial is reported, whatever it showed.
- A run that fails for its own reasons is a failed event, not a missing value.
- A run cut short by the machine is repeated, and the interruption is listed.

# Results

{{{{fig:f1a0b2c3d4e5}}}}

## Weight decay

Figures come first: {{{{fig:f1a0b2c3d4e5}}}} shows every seed of both arms and {{{{fig:f2a0b2c3d4e5}}}} the curves
behind them. The difference of restricted means is {{{{m:d3f0c2d3e4b5|,.0f}}}} updates
({{{{m:e4f0c2d3e4b5|,.0f}}}} to {{{{m:f5f0c2d3e4b5|,.0f}}}}, adjusted p {{{{m:96f0c2d3e4b5|p=}}}}), and the claim
that decay shortens the delay is {{{{c:c1a0b2c3d4e5}}}}. The whole interval lies beyond the margin in the
predicted direction.

{{{{fig:f2a0b2c3d4e5|wide}}}}

| arm | weight decay | restricted mean | seeds |
|:--|--:|--:|--:|
| plain | {{{{cfg:low.weight_decay}}}} | {{{{m:a1f0c2d3e4b5|,.0f}}}} | {{{{m:n00000000001|int}}}} |
| decayed | {{{{cfg:high.weight_decay}}}} | {{{{m:b2f0c2d3e4b5|,.0f}}}} | {{{{m:n00000000001|int}}}} |

Table: Restricted mean of updates to generalisation in the confirmation phase. {{#tbl-arms}}

## Operation

For the operation the difference is {{{{m:87f0c2d3e4b5|.1f}}}} updates, with an interval from
{{{{m:78f0c2d3e4b5|.1f}}}} to {{{{m:69f0c2d3e4b5|.1f}}}} that reaches beyond the margin on one side and holds zero,
so the claim is {{{{c:c2a0b2c3d4e5}}}} (p {{{{m:5af0c2d3e4b5|p=}}}}). Nothing follows from this but that the sample
could not settle it.

| claim | estimand | estimate | low | high | p, adjusted | verdict |
|:------|:-----|--:|--:|--:|--:|:--|
| Raising weight decay shortens the time to generalise | difference of restricted means | {{{{m:d3f0c2d3e4b5|,.0f}}}} | {{{{m:e4f0c2d3e4b5|,.0f}}}} | {{{{m:f5f0c2d3e4b5|,.0f}}}} | {{{{m:96f0c2d3e4b5|p}}}} | {{{{c:c1a0b2c3d4e5}}}} |
| The operation does not change the time to generalise | difference of restricted means | {{{{m:87f0c2d3e4b5|.1f}}}} | {{{{m:78f0c2d3e4b5|.1f}}}} | {{{{m:69f0c2d3e4b5|.1f}}}} | {{{{m:5af0c2d3e4b5|p}}}} | {{{{c:c2a0b2c3d4e5}}}} |

Table: The registered family with adjusted intervals. {{#tbl-family .wide}}

## Exploration

{{{{fig:f3a0b2c3d4e5}}}} shows the response to weight decay in the exploration phase. It suggested the arms of the
protocol and is shown for completeness.

{{{{fig:f3a0b2c3d4e5}}}}

# Limitations

The finding is about one small network on one family of tables, with one optimiser, under one horizon. It
generalises over the data, the split and the initialisation, which the seeds resampled, and over nothing
else: not over architecture, size or task. The margin was set by the domain and not by a user of the result.
Restricted means depend on the horizon, and another one would weigh censored runs otherwise. A duration counts
updates, not time, and says nothing of cost on a machine. The sample was planned for the margin above; it may
have missed a smaller effect.

# Related work

The delay was described by @power2022, who also note that regularisation matters. An effective theory of
representation learning derives phases of learning, grokking among them, and finds a role for decay
[@liu2022]. Progress measures found by reading the weights rise smoothly through what looks like a sudden
change from outside [@nanda2023]. Our contribution is no mechanism. It is a registered, blinded and repeated
measurement of one consequence, with every trial on record.

# Provenance {{.appendix}}

Every number above is a reference to a recorded measurement. The command `novum audit 3f9c0ab1d2e4` evaluates
each of them again from the journal, whose head is `{HEAD}`.

{{{{provenance}}}}

# How to reproduce

```sh
novum reproduce 3f9c0ab1d2e4
novum replicate 3f9c0ab1d2e4 --seed 1
```

The first repeats the registered trials with the same seeds, the second draws new ones.
"""
