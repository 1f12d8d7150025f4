"""Every capture of the project, in the order of the index."""

from __future__ import annotations

from .ailments import AILMENTS
from .clients import CLIENTS
from .controls import CONTROLS

SCENES = AILMENTS + CONTROLS + CLIENTS
