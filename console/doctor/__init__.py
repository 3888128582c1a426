"""Is everything there that a sale needs on its way? Looks only; mending is for the person told."""

from console.doctor.findings import Finding
from console.doctor.run import examine
from console.doctor.visit import House

__all__ = ["Finding", "House", "examine"]
