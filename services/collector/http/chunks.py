"""Where the pieces of a body in chunks end (RFC 9112, section 7.1), so that no piece reaches into the next request."""

import httptools


class Chunks:
    """Follows the chunks of one body, whose syntax the parser checks."""

    def __init__(self) -> None:
        self._left = 0  # bytes of the chunk at hand and its line end that are still to come
        self._line = b""  # the beginning of one that is not complete
        self._is_last = False  # trailers follow, line by line

    def end_of_piece(self, data: bytes, start: int) -> int:
        """Return up to where the parser may read at once: a chunk with its size, or a line after the last chunk.

        Raises HttpParserError for a size that is not a number.
        """
        end = start
        if not self._left:
            end = data.find(b"\n", start) + 1
            if not end:
                self._line += data[start:]
                return len(data)
            size = self._line + data[start:end]
            self._line = b""
            if self._is_last:
                return end
            try:
                self._left = int(size.partition(b";")[0], 16) + len(b"\r\n")
            except ValueError:
                raise httptools.HttpParserError from None
            if self._left == len(b"\r\n"):
                self._left, self._is_last = 0, True
                return end
        stop = min(end + self._left, len(data))
        self._left -= stop - end
        return stop
