"""eBPF as much as a packet filter needs: instructions, their bytes, the system call.

Translates a classic filter, as libpcap makes them, into the same instructions. Linux only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from tlswire.language import say

from ..errors import SelectionError

#: The number of bpf(2).
_SYSCALL = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "ppc64le": 361, "s390x": 351}
#: What a filter returns for a packet that is wanted whole.
WHOLE = 0x7FFF_FFFF
#: Where on the stack a program made here keeps the 16 words of a classic filter.
_SCRATCH_AT = -112

#: One classic instruction: code, jump if true, jump if false, operand.
Classic: TypeAlias = tuple[int, int, int, int]


class Op(NamedTuple):
    """One eBPF instruction; `to` is the label that a jump goes to, `label` its own name."""

    code: int
    dst: int = 0
    src: int = 0
    off: int = 0
    imm: int = 0
    to: str = ""
    label: str = ""


# Opcodes, as linux/bpf.h composes them.
LD_ABS_W, LD_ABS_H, LD_ABS_B = 0x20, 0x28, 0x30
SUB_K, SUB_X, SHIFT_RIGHT_K = 0x14, 0x1C, 0x74
MOV_K, MOV_X, AND_K, ADD64_K = 0xB4, 0xBC, 0x54, 0x07
MOV64_K, MOV64_X, LD_64 = 0xB7, 0xBF, 0x18
STORE_W, STORE_K_W = 0x63, 0x62
LOAD_W = 0x61
JUMP, JEQ_K, JNE_K, JSET_K = 0x05, 0x15, 0x55, 0x45
CALL, EXIT = 0x85, 0x95
R0, R1, R2, R6, R7, R8, R10 = 0, 1, 2, 6, 7, 8, 10


def assemble(program: Sequence[Op]) -> bytes:
    """Return the bytes of a program, jumps resolved."""
    places = {op.label: number for number, op in enumerate(program) if op.label}
    return b"".join(
        struct.pack(
            "=BBhi",
            op.code,
            op.src << 4 | op.dst,
            places[op.to] - number - 1 if op.to else op.off,
            op.imm - (1 << 32) if op.imm >= 1 << 31 else op.imm,
        )
        for number, op in enumerate(program)
    )


def labelled(label: str, ops: list[Op]) -> list[Op]:
    """Return instructions of which the first has a name."""
    return [ops[0]._replace(label=label), *ops[1:]]


# -- a classic filter in the same program ------------------------------------------------


def translate(classic: Sequence[Classic]) -> list[Op]:
    """Return a classic filter as the rest of the program: A is R0, X is R7, M is the stack."""
    if not classic:
        return [Op(MOV_K, R0, imm=WHOLE, label="wanted"), Op(EXIT)]
    made = [Op(MOV64_K, R0, label="wanted"), Op(MOV64_K, R7)]
    # The verifier wants every word of the stack written before it is read.
    made += [Op(STORE_K_W, R10, off=_SCRATCH_AT + 4 * n) for n in range(16)]
    for number, (code, yes, no, operand) in enumerate(classic):
        ops = _translate(number, code, yes, no, operand)
        made += labelled(f"c{number}", ops)
    return made


#: Classic jumps and arithmetic whose eBPF form is the same operation on 32 bits.
_ALU = frozenset({0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xA0})
_JUMPS = frozenset({0x10, 0x20, 0x30, 0x40})


def _translate(number: int, code: int, yes: int, no: int, k: int) -> list[Op]:
    """Return what one classic instruction becomes. Raises SelectionError for an odd one."""
    kind, then, otherwise = code & 7, f"c{number + 1 + yes}", f"c{number + 1 + no}"
    if code in (0x20, 0x28, 0x30):  # ld, ldh, ldb [k]
        return [Op(code, imm=k)]
    if code in (0x40, 0x48, 0x50):  # ld, ldh, ldb [x + k]
        return [Op(code, src=R7, imm=k)]
    if code == 0xB1:  # ldxb 4*([k]&0xf)
        return [
            Op(MOV_X, R8, R0),
            Op(LD_ABS_B, imm=k),
            Op(AND_K, R0, imm=0xF),
            Op(0x64, R0, imm=2),
            Op(MOV_X, R7, R0),
            Op(MOV_X, R0, R8),
        ]
    if code in (0x00, 0x01):  # ld #k, ldx #k
        return [Op(MOV_K, R7 if code else R0, imm=k)]
    if code in (0x80, 0x81):  # ld #len, ldx #len: skb->len is the first word of the context
        return [Op(LOAD_W, R7 if code & 1 else R0, R6)]
    if code in (0x60, 0x61):  # ld M[k], ldx M[k]
        return [Op(LOAD_W, R7 if code & 1 else R0, R10, off=_SCRATCH_AT + 4 * k)]
    if code in (0x02, 0x03):  # st, stx
        return [Op(STORE_W, R10, R7 if code & 1 else R0, off=_SCRATCH_AT + 4 * k)]
    if code == 0x07:  # tax
        return [Op(MOV_X, R7, R0)]
    if code == 0x87:  # txa
        return [Op(MOV_X, R0, R7)]
    if kind == 4 and code == 0x84:  # neg
        return [Op(0x84, R0)]
    if kind == 4 and code & 0xF0 in _ALU:
        return [Op(code, R0, src=R7 if code & 8 else 0, imm=0 if code & 8 else k)]
    if code == 0x05:  # ja
        return [Op(JUMP, to=f"c{number + 1 + k}")]
    if kind == 5 and code & 0xF0 in _JUMPS:
        # BPF_JMP32 (Linux 5.1): operands of classic BPF are unsigned words.
        jump = Op(
            (code & 0xF8) | 6, R0, src=R7 if code & 8 else 0, imm=0 if code & 8 else k, to=then
        )
        return [jump, Op(JUMP, to=otherwise)]
    if code == 0x06:  # ret #k
        return [Op(MOV_K, R0, imm=k), Op(EXIT)]
    if code == 0x16:  # ret a
        return [Op(EXIT)]
    raise SelectionError(
        say("the filter has an instruction that is not known here: {code:#x}", code=code)
    )


def call(command: int, attributes: bytes) -> int:
    """Do one bpf(2). Raises OSError."""
    number = _SYSCALL.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, say("bpf(2) is not known on this machine"))
    attributes = attributes.ljust(120, b"\0")
    held = ctypes.create_string_buffer(attributes, len(attributes))
    answer: int = _library().syscall(number, command, held, len(attributes))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


@cache
def _library() -> ctypes.CDLL:
    """Return the C library, loaded once: it is asked for every connection that is told."""
    return ctypes.CDLL(None, use_errno=True)
