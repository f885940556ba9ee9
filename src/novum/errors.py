"""One tree of errors; the branch says who must act, and fixes the exit code.

    NovumError
    ├── UserError            2   the input is wrong: what, where, how to mend it
    │   ├── DomainError          a domain folder breaks its contract
    │   ├── Busy                 another process writes this study
    │   ├── NeedsPerson          the policy leaves this act to a person
    │   ├── UnknownPrice         a cap on money, and a model whose price nobody knows
    │   └── MissingExtra         an optional part is not installed
    ├── StudyError           1   the study ended without a result, or an audit found a fault
    │   ├── PolicyRefused        an act that the policy forbids; nothing else is lost
    │   ├── PolicyStop           a limit of the policy ended the study
    │   ├── ManuscriptRefused    the paper breaks a rule; the evidence stands
    │   └── JournalDamaged       the record of a study is torn or altered
    ├── OutOfBudget          3   a budget ran out before the reserve would suffice
    │   └── ShareSpent           what exploration may use of it is spent; the rest is kept for the result
    ├── OutsideError         4   machine or provider failed; resume later
    │   ├── ProviderError        a provider failed; what is worth another attempt says so
    │   │   ├── RateLimited          too many calls; may say how long to wait
    │   │   ├── Overloaded           the provider's own fault (5xx), or no connection to it
    │   │   ├── TimedOut             no answer in time
    │   │   ├── BadAnswer            an answer that is torn or not of the provider's own format
    │   │   ├── Refused              the provider declines to serve this content
    │   │   ├── NotAllowed           the key is wrong, or may not do this, or its credit is spent
    │   │   └── Rejected             the provider has no such model, or cannot take the request
    │   └── MachineError
    │       ├── ReadOnlyLab      a study may be read here and not written
    │       └── NoSandbox        nothing here can confine the code that is to run
    ├── ReplayDiverged       5   a replay asked for something its recording does not hold
    └── Interrupted        130   stopped by the user; resumable

What a candidate program does wrong is no exception: it is data in a trial's outcome.
"""


class NovumError(Exception):
    """Root of the tree. `fix` tells the reader what to do next, in the imperative."""

    exit_code = 5
    final = False
    """Whether it ends a study for good, so that there is nothing to resume."""

    def __init__(self, what: str, *, fix: str = ""):
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}; {self.fix}" if self.fix else self.what


class _ByPolicy(NovumError):
    """What the errors raised by the policy share; `control` names the rule (see `novum.safeguards`)."""

    def __init__(self, what: str, *, control: str = "", fix: str = ""):
        super().__init__(what, fix=fix)
        self.control = control


class UserError(NovumError):
    """The input is wrong; says what, where and how to mend it."""

    exit_code = 2


class DomainError(UserError):
    """A domain folder breaks its contract; `where` names the file and key."""

    def __init__(self, what: str, *, where: str = "", fix: str = ""):
        super().__init__(f"{where}: {what}" if where else what, fix=fix)
        self.where = where


class Busy(UserError):
    """Another process holds the writer's lock of a study."""


class NeedsPerson(_ByPolicy, UserError):
    """The policy leaves this act to a person."""


class UnknownPrice(UserError):
    """A cap on money is set, and nobody knows what the model costs."""


class MissingExtra(UserError):
    """An optional dependency is absent."""

    def __init__(self, extra: str, needed_for: str):
        super().__init__(f"{needed_for} needs the extra '{extra}'", fix=f"pip install 'novum[{extra}]'")
        self.extra = extra


class StudyError(NovumError):
    """The study ended without a result, or an audit found a fault."""

    exit_code = 1
    final = True


class ManuscriptRefused(StudyError):
    """The paper breaks a rule of its making; the evidence stands, and it can be composed again."""

    final = False


class PolicyRefused(_ByPolicy, StudyError):
    """An act that the policy forbids."""

    final = False


class PolicyStop(_ByPolicy, StudyError):
    """A limit of the policy ended the study."""


class JournalDamaged(StudyError):
    """The journal is torn or was altered; names the first bad event."""

    final = False


class OutOfBudget(NovumError):
    """A budget ran out before the reserve for confirmation and writing would suffice; resumable."""

    exit_code = 3


class ShareSpent(OutOfBudget):
    """What exploration may use of a budget is spent; the rest is kept for confirmation and writing."""


class OutsideError(NovumError):
    """Something outside Novum failed; resume later."""

    exit_code = 4


class ProviderError(OutsideError):
    """A provider of models or literature failed or refused.

    `again` says whether the same call is worth another attempt, `billed` whether the provider may charge
    for the one that failed, and `retry_after` how many seconds it asks us to wait, if it does.
    """

    again = False
    billed = False

    def __init__(self, what: str, *, fix: str = "", retry_after: float | None = None):
        super().__init__(what, fix=fix)
        self.retry_after = retry_after


class RateLimited(ProviderError):
    """Too many calls or tokens at once."""

    again = True


class Overloaded(ProviderError):
    """The provider's own fault, or there was no connection to it; nothing was answered."""

    again = True


class TimedOut(ProviderError):
    """No answer in time, or it stalled; whether it is charged for is not known."""

    again = True
    billed = True


class BadAnswer(ProviderError):
    """An answer came and is torn, or not of the provider's own format."""

    again = True
    billed = True


class Refused(ProviderError):
    """The provider declines to serve this content; asking again would not help."""


class NotAllowed(ProviderError):
    """The key is wrong or may not do this, or its credit is spent."""


class Rejected(ProviderError):
    """The provider has no such model, or cannot take the request as it is."""


class MachineError(OutsideError):
    """The machine failed: no space, no process, no answer."""


class ReadOnlyLab(MachineError):
    """A study may be read here and not written."""


class NoSandbox(MachineError):
    """No layer of confinement that the request demands works on this machine."""


class ReplayDiverged(NovumError):
    """A replay asked for something that its recording does not hold."""

    exit_code = 5


class Interrupted(NovumError):
    """Stopped by the user; resumable."""

    exit_code = 130
