"""The record: what SQL keeps."""
