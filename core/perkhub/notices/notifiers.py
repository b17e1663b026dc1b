"""Which notifier carries a message: the first by key that serves the channel and is configured.

One made for development stands behind all others, and in production does not stand at all.
"""

from perkhub.kit.settings import Environment, settings
from perkhub.notices.errors import NoNotifier
from perkhub.plugin.configure import configure, settings_from_environment
from perkhub.plugin.notifier import ContactChannel, Notifier
from perkhub.plugin.registry import Registry, registry

_configured: tuple[Registry, dict[str, Notifier]] | None = None


def notifier_for(channel: ContactChannel) -> Notifier:
    """The notifier of this channel, the same at every call.

    Raises:
        NoNotifier
    """
    serving = [notifier for notifier in configured_notifiers().values() if channel in notifier.channels]
    if not serving:
        raise NoNotifier(channel)
    return serving[0]


def configured_notifiers() -> dict[str, Notifier]:
    """Every notifier that can be used here, by key, those for development last.

    Raises:
        SettingsRefused: one is configured wrongly.
    """
    global _configured
    if _configured is None or _configured[0] is not registry():
        offered = sorted(registry().notifiers.values(), key=lambda notifier: (notifier.development_only, notifier.key))
        made = (_made(notifier) for notifier in offered)
        _configured = registry(), {notifier.key: notifier for notifier in made if notifier is not None}
    return _configured[1]


async def close_notifiers() -> None:
    """Give up what the notifiers hold; at the end of the process."""
    global _configured
    ending, _configured = _configured, None
    for notifier in ending[1].values() if ending is not None else ():
        await notifier.close()


def _made(offered: type[Notifier]) -> Notifier | None:
    if offered.development_only and settings().environment is Environment.PRODUCTION:
        return None
    values = settings_from_environment(offered)
    if values is None and any(declared.is_required() for declared in offered.Settings.model_fields.values()):
        return None
    return configure(offered, values or {})
