"""Where seeds come from. Nobody chooses one: they are hashes of what they are for.

Exploration and selection seeds follow from the study's seed, confirmation seeds from the frozen protocol
and a nonce that was committed to in it and is revealed only when confirmation begins. The phases' pools
are disjoint, and nothing in a seed tells a program which phase it serves.
"""

from novum.canonical import derive_seed, digest, sha256
from novum.records import Phase


def phase_seed(study_seed: int, phase: Phase, index: int) -> int:
    """The `index`-th seed of the explore or select pool of a study."""
    if phase == "confirm":
        raise ValueError("confirmation seeds come from the protocol")
    return derive_seed("novum", study_seed, phase, index)


def confirm_seed(protocol_hash: str, nonce: str, index: int) -> int:
    """The `index`-th confirmation seed; common to all arms, which are therefore paired."""
    return derive_seed("novum", protocol_hash, nonce, index)


def confirm_seeds(protocol_hash: str, nonce: str, n: int) -> tuple[int, ...]:
    """All confirmation seeds of a protocol, in order."""
    return tuple(confirm_seed(protocol_hash, nonce, i) for i in range(n))


def commitment(nonce: str) -> str:
    """What the protocol carries instead of the nonce."""
    return sha256(f"novum nonce {nonce}".encode())


def data_salt(study_seed: int, phase: Phase, nonce: str = "") -> str:
    """What `prepare` gets beside the seed, so that data follow from the study and phase as well.

    Programs never see it: a program that reads its seed and knows `prepare` still cannot make its own
    held-out data. For confirmation it needs the nonce too, which is not known before.
    """
    if phase == "confirm" and not nonce:
        raise ValueError("confirmation data need the revealed nonce")
    return digest(["novum salt", study_seed, phase, nonce if phase == "confirm" else ""])
