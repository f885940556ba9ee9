"""Renderers: a resolved manuscript to one format each (`novum.protocols.Renderer`)."""
