"""Tests of people count them: each makes the firm for itself."""

from guanxi.apps.org.tests.standing import alone

__all__ = ["alone"]
