"""The lab report: everything that was tried in a lab, whatever came of it."""

from novum.report.gather import lab_report
from novum.report.page import drawing, markdown, tables, write

__all__ = ["drawing", "lab_report", "markdown", "tables", "write"]
