"""Command groups whose help lists complete sentences, which click would cut to fit a line."""

import click

# Longer than any description; the formatter wraps the lines.
_LONGEST = 1_000


class FullHelp(click.Group):
    """A group whose list of commands shows each description in full."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the name and description of each command."""
        names = self.list_commands(ctx)
        found = [(name, self.get_command(ctx, name)) for name in names]
        rows = [
            (name, command.get_short_help_str(_LONGEST))
            for name, command in found
            if command and not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
