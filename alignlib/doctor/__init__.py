"""``alignlib doctor``: what is well on this machine, what is not, and what to do about it.

``checks`` lists what is looked at; ``running`` looks, in a process of its own, since what is broken
can take a process with it; ``report`` prints.
"""
