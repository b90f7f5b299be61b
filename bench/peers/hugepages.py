# SPDX-License-Identifier: BSD-2-Clause
"""Hugepages for as long as a benchmark runs: what was there is left as it was."""
import contextlib
import pathlib

from process import said
from rounds import Unable

COUNT = pathlib.Path('/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages')
FREE = COUNT.with_name('free_hugepages')


def count_restore(before):
    with contextlib.suppress(OSError):
        COUNT.write_text(str(before))


@contextlib.contextmanager
def hugepages(megabytes, directory):
    """At least so many free in pages of 2 MB, and mounted: at directory when they are mounted nowhere."""
    if not COUNT.exists():
        raise Unable('the kernel has no hugepages of 2 MB')
    before = int(COUNT.read_text())
    lacking = max(0, megabytes // 2 - int(FREE.read_text()))
    mounted = any(line.split()[2] == 'hugetlbfs' for line in pathlib.Path('/proc/mounts').read_text().splitlines())
    with contextlib.ExitStack() as undo:
        undo.callback(count_restore, before)
        try:
            COUNT.write_text(str(before + lacking))
        except OSError as failed:
            raise Unable(f'no hugepages: {failed}') from failed
        if int(FREE.read_text()) < megabytes // 2:
            raise Unable(f'{megabytes} MB of hugepages needed, {2 * int(FREE.read_text())} MB are to be had')
        if not mounted:
            said('mount', '-t', 'hugetlbfs', '-o', 'pagesize=2M', 'none', str(directory))
            undo.callback(said, 'umount', str(directory))
        yield
