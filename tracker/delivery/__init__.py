"""Handing over: what was found, in forms that other programs take."""
