"""What the scenes share: that a scene went as it must."""

from __future__ import annotations

from confrere.story.stage import StoryFailed


def must(held: bool, scene: str) -> None:
    """Raises StoryFailed, naming the scene and no content."""
    if not held:
        raise StoryFailed(scene)
