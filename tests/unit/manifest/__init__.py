"""Tests of text to manifest."""
