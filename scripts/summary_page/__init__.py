"""The summary page: what a warehouse's `ops` views say, as one HTML file without a request (docs/summary-page.md)."""
