"""Markdown tables of rows that are dictionaries."""


class Column:
    """A heading, the key of its values, and how a number is written."""

    def __init__(self, heading, key, form="{}"):
        self.heading, self.key, self.form = heading, key, form

    def cell(self, row):
        value = row.get(self.key)
        return "" if value is None else self.form.format(value)


def table(columns, rows):
    lines = [
        [column.heading for column in columns],
        ["---:" if column.form != "{}" else "---" for column in columns],
        *([column.cell(row) for column in columns] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
