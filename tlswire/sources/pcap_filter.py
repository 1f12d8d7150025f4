"""A filter in tcpdump's syntax, compiled by libpcap (through ctypes) to classic BPF."""

from __future__ import annotations

import ctypes
from ctypes.util import find_library

from tlswire.language import say

from ..errors import SelectionError
from .ebpf import Classic


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("yes", ctypes.c_ubyte),
        ("no", ctypes.c_ubyte),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.POINTER(_Instruction)))


def compile_filter(expression: str, link: int) -> list[Classic]:
    """Let libpcap compile a filter. Raises SelectionError: its complaint, or that it is missing."""
    name = find_library("pcap")
    if name is None:
        raise SelectionError(
            say(
                "a filter needs libpcap to be compiled: install it (Debian: apt install libpcap0.8)"
            )
        )
    library = ctypes.CDLL(name)
    library.pcap_open_dead.restype = ctypes.c_void_p
    library.pcap_geterr.restype = ctypes.c_char_p
    handle = ctypes.c_void_p(library.pcap_open_dead(_LIBPCAP_LINKS[link], 262_144))
    program = _Program()
    text = expression.encode()
    if library.pcap_compile(handle, ctypes.byref(program), text, 1, ctypes.c_uint32(0xFFFF_FFFF)):
        said = library.pcap_geterr(handle).decode(errors="replace")
        library.pcap_close(handle)
        raise SelectionError(say("filter '{expression}': {said}", expression=expression, said=said))
    made = [
        (each.code, each.yes, each.no, each.operand)
        for each in program.instructions[: program.length]
    ]
    library.pcap_freecode(ctypes.byref(program))
    library.pcap_close(handle)
    return made


#: DLT numbers, which differ from link types for raw IP.
_LIBPCAP_LINKS = {1: 1, 101: 12}
