"""The audit as one document: sections as data, one writer for HTML, one for PDF."""
