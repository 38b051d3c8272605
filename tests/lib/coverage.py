#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests reach, as gcov counted it; tests/coverage calls this.

coverage.py collect BUILD OUT FOLDER...   joins the counts of all .gcda files below the FOLDERs (BUILD has the .gcno files
                                          beside the objects) into the file OUT: one line of the sources, or one branch
                                          of it, a line: "FILE:LINE HIT" or "FILE:LINE/BRANCH HIT", HIT is 0 or 1
coverage.py table FILE...                 prints lines and branches that are reached, a row for each folder; the
                                          FILEs are joined
coverage.py lost BEFORE AFTER             prints each line that BEFORE reaches and AFTER does not
coverage.py cover NAMED...                NAMED is NAME=FILE or NAME=FILE=COST: prints the NAMEs of a small set that
                                          together reach what all of them do, the cheapest first
"""

import json
import os
import subprocess
import sys

FOLDERS = (
    'helper', 'lib/account', 'lib/netfilter', 'lib/ports', 'lib/reading', 'lib/session', 'lib/store', 'pam_module',
)


def measured(path):
    return path.endswith('.c') and path.startswith(tuple(folder + '/' for folder in FOLDERS))


def gcov(build, gcda, folder):
    """What gcov says of one object: its counts may lie in another folder than its .gcno."""
    relative = os.path.relpath(gcda, folder)
    notes = os.path.join(build, relative[:-len('.gcda')] + '.gcno')
    if not os.path.exists(notes):
        return []
    if os.path.abspath(folder) != os.path.abspath(build):
        beside = gcda[:-len('.gcda')] + '.gcno'
        if not os.path.exists(beside):
            os.symlink(os.path.abspath(notes), beside)
    said = subprocess.run(['gcov', '--json-format', '--stdout', '--branch-probabilities', gcda], cwd=build, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    return [json.loads(line) for line in said.splitlines() if line.startswith('{')]


def collect(build, out, *folders):
    """A key is a line or a branch; its value is whether any of the counts is above 0."""
    hits = {}
    build = os.path.abspath(build)
    with open(os.path.join(build, 'meson-info', 'meson-info.json'), encoding='utf-8') as file:
        root = json.load(file)['directories']['source']
    for folder in map(os.path.abspath, folders):
        for where, _, names in os.walk(folder):
            # what tests are made of is not what is measured
            for name in names:
                relative = os.path.relpath(os.path.join(where, name), folder)
                if not name.endswith('.gcda') or not relative.startswith(FOLDERS):
                    continue
                for unit in gcov(build, os.path.join(where, name), folder):
                    add(unit, build, root, hits)
    with open(out, 'w', encoding='utf-8') as file:
        for key in sorted(hits):
            print(key, int(hits[key]), file=file)


def add(unit, build, root, hits):
    for file in unit['files']:
        path = os.path.normpath(os.path.join(build, file['file']))
        path = os.path.relpath(path, root)
        if not measured(path):
            continue
        for line in file['lines']:
            key = f'{path}:{line["line_number"]}'
            hits[key] = hits.get(key, False) or line['count'] > 0
            for i, branch in enumerate(line['branches']):
                if not branch['throw']:
                    hits[f'{key}/{i}'] = hits.get(f'{key}/{i}', False) or branch['count'] > 0


def load(path):
    with open(path, encoding='utf-8') as file:
        return {key: hit == '1' for key, hit in (line.split() for line in file)}


def join(paths):
    hits = {}
    for path in paths:
        for key, hit in load(path).items():
            hits[key] = hits.get(key, False) or hit
    return hits


def table(*paths):
    hits = join(paths)
    print(f'{"FOLDER":<16}{"LINES":>8}{"OF":>8}{"%":>8}{"BRANCHES":>10}{"OF":>8}{"%":>8}')
    for folder in (*FOLDERS, ''):
        row = []
        for is_branch in False, True:
            of = [hit for key, hit in hits.items() if key.startswith(folder) and ('/' in key.split(':')[1]) == is_branch]
            row += [sum(of), len(of), 100 * sum(of) / max(1, len(of))]
        print(f'{folder or "all":<16}{row[0]:>8}{row[1]:>8}{row[2]:>8.1f}{row[3]:>10}{row[4]:>8}{row[5]:>8.1f}')


def text_of(key):
    path, number = key.split(':')
    try:
        with open(path, encoding='utf-8') as file:
            return file.readlines()[int(number) - 1].strip()
    except (OSError, IndexError):
        return ''


def lost(before, after):
    had, have = load(before), load(after)
    gone = [key for key in had if had[key] and not have.get(key, False) and '/' not in key.split(':')[1]]
    for key in sorted(gone, key=lambda key: (key.split(':')[0], int(key.split(':')[1]))):
        print(f'{key}: {text_of(key)}')
    print(f'{len(gone)} lines')


def cover(*named):
    sets, costs = {}, {}
    for argument in named:
        name, path, *cost = argument.split('=')
        sets[name] = {key for key, hit in load(path).items() if hit and '/' not in key.split(':')[1]}
        costs[name] = float(cost[0]) if cost else 1.0
    left = set().union(*sets.values())
    while left:
        best = max(sets, key=lambda name: len(sets[name] & left) / costs[name])
        print(f'{best} {len(sets[best] & left)}')
        left -= sets[best]


{'collect': collect, 'cover': cover, 'lost': lost, 'table': table}[sys.argv[1]](*sys.argv[2:])
