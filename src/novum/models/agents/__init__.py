"""Coding agents as models: foreign programs that speak the Agent Client Protocol over their streams.

`programs` says which program a name starts and what of a person's configuration it needs, `profile` what it
may see and reach, `process` starts it and is sure to end it, `keeper` is the first process of its tree,
`rpc` carries messages, `talk` is one conversation, `folder` the throw-away copy that it works on.
"""
