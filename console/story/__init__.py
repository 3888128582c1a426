"""The story of a sale, found by any id and told in time order. Nothing here writes."""

from console.story.find import Found, find
from console.story.read import read_lone_events, read_stories
from console.story.telling import story_json
from console.story.values import Story

__all__ = ["Found", "Story", "find", "read_lone_events", "read_stories", "story_json"]
