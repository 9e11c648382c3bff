"""What of a person's own training is not in the time, or is there in another way."""


class Notices(list):
    """Notices as the manifest has them, {"about": one word, "text": one sentence}, each once."""

    def say(self, about, text):
        """Add a notice, unless it is there."""
        notice = {"about": about, "text": text}
        if notice not in self:
            self.append(notice)
