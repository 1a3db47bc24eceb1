"""A document to scroll through: what a step found, a finding, a confirmation."""

from collections.abc import Sequence

from widgets.document import Block, lay_out
from widgets.text_view import TextView

_MARGIN = 1


class DocumentView(TextView):
    """Shows blocks (`widgets.document`) broken to its width. New blocks keep the place scrolled to."""

    DEFAULT_CSS = """
    DocumentView { height: 1fr; overflow-x: hidden; scrollbar-gutter: stable; padding: 0 1; }
    """

    def __init__(
        self,
        blocks: Sequence[Block] = (),
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a document.

        Args:
            blocks: What it shows; `show` changes it.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._blocks: tuple[Block, ...] = tuple(blocks)

    def show(self, blocks: Sequence[Block], *, top: bool = False) -> None:
        """Show these blocks.

        Args:
            blocks: In order.
            top: Scroll to the first line, as for another subject; otherwise the place stays.
        """
        self._blocks = tuple(blocks)
        self._break()
        if top:
            self.jump_to(y=0)

    def _break(self) -> None:
        width = self.scrollable_content_region.width - _MARGIN
        if width > 0:
            self.show_lines(lay_out(self._blocks, width), width=0)

    def on_mount(self) -> None:
        """Show what the constructor was given."""
        self._break()

    def on_resize(self) -> None:
        """Break the lines for the new width."""
        self._break()
