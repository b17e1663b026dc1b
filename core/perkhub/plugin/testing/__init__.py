"""For who writes a plugin: faults for the sandbox of its remote party, the same for every protocol."""

from perkhub.plugin.testing.faults import TRANSPORT_FAULTS, FaultSwitches, TransportFaults

__all__ = ["TRANSPORT_FAULTS", "FaultSwitches", "TransportFaults"]
