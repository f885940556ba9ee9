"""A study in other people's formats: LaTeX, Overleaf, HTML, RO-Crate, JSON lines.

    study's folder --Source--> exporter --files--> placed

Every exporter is a pure function of the study's record: files by their path, the same bytes each time. None
reads a clock, and none changes anything of the study.
"""

from novum.export.places import Exported
from novum.export.run import FORMATS, export

__all__ = ["FORMATS", "Exported", "export"]
