"""What runs in the sandbox beside the student's code.

This folder is copied into the sandbox without the rest of the package, so it imports nothing from
it. What comes out of the sandbox is data, and is believed only as data.
"""
