# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows for people, as an aligned table, and for programs, as JSON."""

import json

from world import median

COLUMNS = (
    ('what', '<'), ('backend', '<'), ('live', '>'), ('others', '>'), ('median', '>'), ('p99', '>'),
    ('unit', '<'), ('ratio', '>'), ('compared with', '<'))


def number(value):
    if value is None:
        return '-'
    if isinstance(value, float):
        return f'{value:,.0f}' if value >= 1000 else f'{value:.3g}' if value < 100 else f'{value:.0f}'
    return f'{value:,}'


def ratio(row, base):
    """Throughput is compared round by round: what else the machine does is in both of a round."""
    if row['unit'] == 'Mbit/s' and row['live'] == base['live']:
        return median([a / b for a, b in zip(row['values'], base['values'])])
    return row['median'] / base['median']


def compare(rows):
    """Give each row its ratio, and say what it is compared with."""
    for row in rows.rows:
        base = rows.find(*row['base']) if row['base'] else None
        row['ratio'] = row['compared_with'] = None
        if base and base is not row and base['median']:
            row['ratio'] = ratio(row, base)
            where = [f'{base[key]:,} {key}' for key in ('live', 'others') if base[key] != row[key]]
            what = [base['what']] if base['what'] != row['what'] else []
            row['compared_with'] = ', '.join(what + where)
    for row in rows.rows:
        del row['base'], row['values']


def as_json(rows, missing):
    return json.dumps({'rows': rows.rows, 'missing': missing}, indent=1)


def as_table(rows, missing):
    lines = [[name for name, _ in COLUMNS]]
    for row in rows.rows:
        lines.append([
            row['what'], row['backend'] or '-', number(row['live']), number(row['others']),
            number(row['median']), number(row['p99']), row['unit'],
            '-' if row['ratio'] is None else f'{row["ratio"]:.3g}' if row['ratio'] < 1000 else f'{row["ratio"]:.0f}',
            row['compared_with'] or '-'])
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    text = ''
    for line in lines:
        text += '  '.join(f'{cell:{align}{width}}' for cell, width, (_, align)
                          in zip(line, widths, COLUMNS)).rstrip() + '\n'
    for backend, why in missing.items():
        text += f'{backend}: {why}\n'
    return text
