"""Subjects of study: the door they enter by, the contract they keep, and the ones that ship.

find_domain    a name or path -> the domain's folder        load_domain   a folder -> a checked `Domain`
list_domains   what is installed                            show_domain   one of them, as plain data
check_domain   the conformance suite                        new_domain    a small domain to start from
"""

from novum.domains.check import check_domain
from novum.domains.contract import domain_hash, load_domain
from novum.domains.edits import forbidden_edits
from novum.domains.new import new_domain
from novum.domains.registry import find_domain, list_domains, shipped, show_domain
from novum.domains.show import domain_text

__all__ = [
    "check_domain",
    "domain_hash",
    "domain_text",
    "find_domain",
    "forbidden_edits",
    "list_domains",
    "load_domain",
    "new_domain",
    "shipped",
    "show_domain",
]
