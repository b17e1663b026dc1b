"""Having a stranger's picture drawn anew, in a limited child process. No decoder ever runs in a process of ours."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE

import orjson
import structlog

from perkhub.kit.images.errors import ImageDamaged, ImageTooDemanding, NotAnImage
from perkhub.kit.images.form import LONGEST_SIDE, MOST_FRAMES, SECONDS, ImageFormat, Rendered, Rendition

CHILD = ("-I", "-X", "utf8", "-m", "perkhub.kit.images.child")
# Of one process of ours; each child may take a core, and more than a gigabyte.
AT_ONCE = 2
GRACE_SECONDS = 60  # a busy machine gives a child little of its time

log = structlog.get_logger(__name__)
_turns = asyncio.Semaphore(AT_ONCE)


async def render_image(data: bytes) -> Rendered:
    """The picture in all its forms.

    Raises:
        NotAnImage, ImageDamaged, ImageTooDemanding.
    """
    async with _turns:
        code, answer = await _ask_child(data)
    line, _, rest = answer.partition(b"\n")
    if code != 0 or not line:
        # Out of memory aborts a decoder, out of time is SIGXCPU or our own SIGKILL: a sound picture does neither.
        log.info("the child that draws pictures has ended early", exit_code=code)
        raise _too_demanding()
    told = orjson.loads(line)
    if "refused" in told:
        raise {NotAnImage.code: NotAnImage, ImageDamaged.code: ImageDamaged}.get(told["refused"], _too_demanding)()
    renditions, at = [], 0
    for form, width, height, size in told["renditions"]:
        renditions.append(Rendition(ImageFormat(form), width, height, rest[at : at + size]))
        at += size
    return Rendered(told["frames"], tuple(renditions))


async def _ask_child(data: bytes) -> tuple[int | None, bytes]:
    child = await asyncio.create_subprocess_exec(sys.executable, *CHILD, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    try:
        async with asyncio.timeout(SECONDS + GRACE_SECONDS):
            answer, _ = await child.communicate(data)
    except TimeoutError:
        answer = b""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode, answer


def _too_demanding() -> ImageTooDemanding:
    return ImageTooDemanding(side=LONGEST_SIDE, frames=MOST_FRAMES)
