"""What an assistive program is told of the window: its AT-SPI tree as one JSON list, in the order of the tree.

    tree.py PID
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 (its version is said first)

DEEPEST, MOST = 80, 5000
nodes = []


def walk(node, depth):
    if node is None or depth > DEEPEST or len(nodes) > MOST:
        return
    try:
        nodes.append(
            {
                "role": node.get_role_name(),
                "name": " ".join((node.get_name() or "").split()),
                "depth": depth,
            }
        )
        for at in range(node.get_child_count()):
            walk(node.get_child_at_index(at), depth + 1)
    except GLib.Error as gone:  # it left the page while it was read
        print(gone, file=sys.stderr)


desk = Atspi.get_desktop(0)
for at in range(desk.get_child_count()):
    program = desk.get_child_at_index(at)
    if program is not None and program.get_process_id() == int(sys.argv[1]):
        walk(program, 0)
print(json.dumps(nodes))
