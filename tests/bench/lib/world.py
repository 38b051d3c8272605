# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parts of the benchmark share: commands in a namespace, the product's configuration, the
load program (tests/lib/load), and the rows.

Relies on tests/bench/run for the world (tests/lib/world.sh) and its variables."""

import contextlib
import math
import os
import shutil
import subprocess
import sys
import time

WORLD = os.environ['WORLD']
BUILD = os.environ['PAM_TRAFFIC_BUILD']
MODULE = os.environ['PAM_TRAFFIC_MODULE']
HELPER = os.environ['PAM_TRAFFIC_HELPER_PATH']
SERVER, CLIENT = os.environ['WORLD_SERVER4'], os.environ['WORLD_CLIENT4']
LINK = os.environ['WORLD_LINK']
LOAD = f'{BUILD}/tests/lib/load/sshd'
NF_TOOL = f'{BUILD}/tests/netfilter/nf_tool'
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STATE, LOG = f'{WORLD}/state', f'{WORLD}/records'
PORT = 22

BEGAN = time.monotonic()


class Broken(Exception):
    """Something that the benchmark needs does not work."""


def say(text):
    print(f'bench {time.monotonic() - BEGAN:5.0f} s: {text}', file=sys.stderr, flush=True)


def netns(side):
    return f'/run/netns/{side}-{os.environ["WORLD_ID"]}'


def inside(side, *command):
    return ['nsenter', f'--net={netns(side)}', '--', *map(str, command)]


def run(side, *command, stdin=None, check=True):
    """Run a command in a namespace; what it prints, errors included."""
    done = subprocess.run(inside(side, *command), input=stdin, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if check and done.returncode:
        raise Broken(f'{" ".join(map(str, command))}: {done.stdout.strip()}')
    return done.stdout


def until(seconds, condition):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)


def median(values):
    values = sorted(values)
    n = len(values)
    return (values[(n - 1) // 2] + values[n // 2]) / 2


def percentile(values, percent):
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def configure(backend, interim='0', users='no'):
    """Write a configuration; its path."""
    path = f'{WORLD}/pam_traffic-{backend}-{interim}-{users}.conf'
    with open(path, 'w') as file:
        file.write(f'log_file = {LOG}\nstate_dir = {STATE}\nbackend = {backend}\n'
                   f'interim_interval = {interim}\nusers = {users}\n')
    return path


def stack(name, *lines):
    """Write a PAM stack for the service sshd; its folder."""
    folder = f'{WORLD}/pam-{name}'
    os.makedirs(folder, exist_ok=True)
    with open(f'{folder}/sshd', 'w') as file:
        for kind in 'auth', 'account', 'session':
            file.write(f'{kind} required pam_permit.so\n')
        for line in lines:
            file.write(f'session optional {line}\n')
    return folder


def helper(verb, config):
    return run('server', 'env', '-i', HELPER, verb, '--config', config)


def begin(backend):
    """Set the product up; the reason if that backend cannot be used."""
    config = configure(backend)
    done = subprocess.run(inside('server', HELPER, 'setup', '--config', config), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if 'instead' in done.stdout:
        # what the helper says of a value that it does not know
        helper('teardown', config)
        return 'not built'
    return done.stdout.strip() if done.returncode else None


def end(backend):
    helper('teardown', configure(backend))
    shutil.rmtree(STATE, ignore_errors=True)


class Load:
    """The load program, with its live sessions or its crowd."""

    def __init__(self, verb, port, *arguments):
        where = (SERVER, port, netns('client'))
        self.process = subprocess.Popen(inside('server', LOAD, verb, *where, *arguments), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.live = 0

    def answer(self, word):
        words = self.process.stdout.readline().split()
        if not words or words[0] != word:
            raise Broken('the load program ended')
        return [int(number) for number in words[1:]]

    def ask(self, command, word):
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()
        return self.answer(word)

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


class Rows:
    """The rows; a row is found by what, backend (of the run that it was part of), live, others."""

    def __init__(self):
        self.rows = []

    def add(self, what, backend, live, others, unit, values, base=None, own=True, **more):
        """own: whether it is the backend's figure, not one that was measured beside it"""
        logins = unit in ('us', 'ms') and len(values) > 1
        self.rows.append({
            'what': what, 'backend': backend if own else None, 'beside': backend, 'live': live,
            'others': others, 'unit': unit, 'median': median(values),
            'p99': percentile(values, 99) if logins else None, 'samples': len(values),
            'values': values, 'base': base, **more})

    def find(self, what, backend, live, others):
        for row in self.rows:
            if (row['what'], row['beside'], row['live'], row['others']) == (what, backend, live, others):
                return row
        return None
