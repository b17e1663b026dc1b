"""The faults that can be switched on, and how an answer breaks off."""

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Faults(BaseModel):
    """Numbers count down: so many of the next creating requests suffer. Booleans stay until they are switched off."""

    model_config = ConfigDict(extra="forbid")

    drop_before_accept: int = Field(0, ge=0, description="Break off without recording anything")
    accept_then_drop: int = Field(0, ge=0, description="Record, then break off instead of answering")
    error_500_then_accepted: int = Field(0, ge=0, description="Record, then answer 500")
    slow_seconds: float = Field(0, ge=0, le=60, description="Wait before every answer, after recording")
    duplicate_callbacks: int = Field(0, ge=0, le=50, description="Send each callback so many times more, byte for byte")
    no_callback: bool = Field(False, description="Send no callbacks")
    forged_callback: bool = Field(
        False, description="At each change also send a callback that claims success, signed by a stranger"
    )
    lying_callback: bool = Field(False, description="As a payment begins, send a well-signed callback that claims success")
    wrong_amount: bool = Field(False, description="Take one minor unit less than asked")
    late: bool = Field(False, description="Take money even after the merchant's deadline")
    clock_ahead_seconds: float = Field(0, description="No fault: the gateway's clock, for tests that travel in time")
    refund_pending: bool = Field(False, description="Accept refunds, but settle them only once this is off")

    def strikes(self, name: str) -> bool:
        """Whether a counted fault is due; takes one from its count."""
        left: int = getattr(self, name)
        if left:
            setattr(self, name, left - 1)
        return left > 0


class BrokenOff(Response):
    """An answer that ends in the middle: the connection closes before the announced length has come."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Announce much, send little, stop."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
