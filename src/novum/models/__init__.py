"""Language models behind one seam (`novum.protocols.LanguageModel`): a name goes in, a model comes out.

Each backend is one module here; nothing else imports a provider's library, and those are imported only
when a model is opened. Recording, budgets, retries and fall-backs are not in here: see `novum.asking`.
"""

from novum.models.fake import FakeModel
from novum.models.registry import BACKENDS, Surroundings, open_model

__all__ = ["BACKENDS", "FakeModel", "Surroundings", "open_model"]
