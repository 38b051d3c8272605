/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The index against the sessions' summaries: random records, some missing, some twice, in any order
 * and in parts, and each of its sums is that of the records in their order.
 */

#include "base/uuid.h"
#include "index-world.h"
#include "index/deltas.h"
#include "unit.h"

#define SESSIONS 6 /* the last one is a port's account */
#define RECORDS 8  /* of each */
#define ROUNDS 40

struct model {
        enum index_ledger ledger;
        struct record *records[SESSIONS * RECORDS];
        char lines[SESSIONS * RECORDS][2 * WORLD_LINE_MAX];
        size_t n;
        struct summary summaries[SESSIONS];
};

static unsigned int seed = 1;

static unsigned int dice(unsigned int n) {
        return (unsigned int)rand_r(&seed) % n;
}

/* ,"NAME":NUMBER */
static void model_put(char *line, const char *name, int64_t number) {
        size_t size = strlen(line);

        if (number == RECORD_UNKNOWN)
                (void)snprintf(line + size, 2 * WORLD_LINE_MAX - size, ",\"%s\":null", name);
        else
                (void)snprintf(line + size, 2 * WORLD_LINE_MAX - size, ",\"%s\":%" PRId64, name,
                               number);
}

/* Whose a record is: an account of the users' ledger has a name in some of its records alone. */
static const char *model_user(const struct model *model, unsigned int session) {
        static const char *const names[] = { "null", "null", "\"alice\"", "\"bob\"", "\"20001\"" };
        static char text[128];

        if (model->ledger == INDEX_SSH)
                return "\"user\":\"u\"";
        (void)snprintf(text, sizeof(text), "\"user\":%s,\"uid\":%u,\"socket_owner\":\"%s\"",
                       names[dice(UNIT_COUNT(names))], 20001 + session / 2,
                       session + 1 < SESSIONS ? "user" : "kernel");
        return text;
}

static void model_add(struct model *model, unsigned int session, unsigned int seq,
                      const char *event, bool excluded, const int64_t total[6],
                      const int64_t delta[2]) {
        const char *const names[] = { excluded ? "excluded_in_bytes" : "in_bytes",
                                      excluded ? "excluded_out_bytes" : "out_bytes",
                                      "wire_in_bytes",
                                      "wire_out_bytes",
                                      "tcp_in_bytes",
                                      "tcp_out_bytes" };
        static const char *const kinds[] = { "\"shell\"", "\"sftp\"", "\"shell+sftp\"",
                                             "\"forward\"", "\"of a later release\"" };
        char *line = model->lines[model->n], time[CLOCK_TEXT_MAX], finding[LOGREADER_FINDING_MAX];

        /* now and then a clock is put back */
        clock_format(MIDNIGHT + (seq * 1700 + dice(9) / 8 * dice(9999)) * CLOCK_SECOND, time);
        (void)snprintf(line, 2 * WORLD_LINE_MAX,
                       "{\"v\":1,\"event\":\"%s\",\"time\":\"%s\",\"session\":"
                       "\"01a20450-bb0f-79f8-b748-%012x\",\"seq\":%u,%s,\"local_port\":"
                       "22,\"complete\":%s,\"excluded\":%s",
                       event, time, session, seq, model_user(model, session),
                       dice(4) ? "true" : "false", excluded ? "true" : "false");
        for (size_t i = 0; i < UNIT_COUNT(names); i++)
                model_put(line, names[i], total[i]);
        model_put(line, "delta_in_bytes", delta[0]);
        model_put(line, "delta_out_bytes", delta[1]);
        if (!dice(3))
                (void)strcat(strcat(line, ",\"kind\":"), kinds[dice(UNIT_COUNT(kinds))]);
        (void)strcat(line, "}");
        assert_int_equal(logreader_parse(line, strlen(line), &model->records[model->n], finding),
                         0);
        (void)strcat(line, "\n");
        model->n++;
}

/* What a helper would write of a session: totals that rise, some of them not known. */
static void model_session(struct model *model, unsigned int session) {
        int64_t moved[6] = { 0 }, before[2] = { 0 };
        unsigned int last = dice(RECORDS), begin = dice(4) ? 0 : dice(RECORDS);
        bool users = model->ledger == INDEX_USERS;
        bool excluded = !users && session + 1 < SESSIONS && !dice(5);

        for (unsigned int seq = 0; seq <= last; seq++) {
                const char *event = !seq ? "start" : seq == last && dice(2) ? "stop" : "interim";
                int64_t total[6], delta[2];

                for (size_t i = 0; i < UNIT_COUNT(moved); i++) {
                        moved[i] += dice(1000000);
                        total[i] = dice(9) ? moved[i] : RECORD_UNKNOWN;
                }
                for (size_t i = 0; i < UNIT_COUNT(delta); i++) {
                        delta[i] = total[i] < 0 ? RECORD_UNKNOWN : total[i] - before[i];
                        before[i] = total[i] < 0 ? before[i] : total[i];
                }
                if (seq >= begin && dice(6))
                        model_add(model, session, seq,
                                  users                    ? "user"
                                  : session + 1 < SESSIONS ? event
                                                           : "port",
                                  excluded, total, delta);
        }
}

/* Append the records in any order, some twice, and take the log in now and then. */
static void model_write(void **state, struct model *model, struct index *index) {
        size_t order[2 * SESSIONS * RECORDS], n = model->n;

        for (size_t i = 0; i < model->n; i++) {
                order[i] = i;
                if (!dice(4))
                        order[n++] = i;
        }
        (void)unlink(temporary_path(state, "log"));
        world_append(state, "log", "");
        for (size_t i = 0; i < n; i++) {
                size_t other = i + dice((unsigned int)(n - i)), now = order[other];
                const struct record *record = model->records[now];

                order[other] = order[i];
                world_append(state, "log", model->lines[now]);
                (void)summary_take(&model->summaries[record->session[UUID_TEXT_MAX - 2] - '0'],
                                   record);
                if (!dice(9))
                        assert_int_equal(world_take(state, index, NULL), 0);
        }
        assert_int_equal(world_take(state, index, NULL), 0);
}

/* What a session's records add to a layer, one after the other. */
static void model_sum(const struct model *model, unsigned int session, enum index_layer layer,
                      uint64_t ret_sum[2], bool *ret_unknown) {
        const struct record *last = NULL;
        struct deltas deltas;

        ret_sum[0] = ret_sum[1] = 0;
        deltas_begin(&deltas);
        for (size_t i = 0; i < model->n; i++) {
                struct deltas_record record;
                struct deltas_part part;

                if (model->records[i]->session[UUID_TEXT_MAX - 2] != (char)('0' + session))
                        continue;
                last = model->records[i];
                deltas_read(last, &record);
                deltas_step(&deltas, &record, &part);
                ret_sum[0] += (uint64_t)part.bytes[layer][0];
                ret_sum[1] += (uint64_t)part.bytes[layer][1];
        }
        *ret_unknown = deltas.unknown >> layer & 1;
        /* of a session of which the begin is there it is the last total, if that is not null */
        if (last && !deltas.low && layer == INDEX_IP) {
                int64_t in = last->excluded ? last->excluded_in_bytes : last->in_bytes;
                int64_t out = last->excluded ? last->excluded_out_bytes : last->out_bytes;

                if (in >= 0)
                        assert_int_equal(ret_sum[0], in);
                if (out >= 0)
                        assert_int_equal(ret_sum[1], out);
        }
}

static int model_cause(void *context, const char *cause, uint64_t sessions) {
        (void)cause;
        *(uint64_t *)context += sessions;
        return 0;
}

static void model_compare_counts(const struct model *model, struct index *index) {
        struct index_counts is, wanted = { .records = model->n };
        uint64_t causes = 0;

        for (size_t i = 0; i < SESSIONS; i++) {
                const struct summary *summary = &model->summaries[i];

                if (summary->last == RECORD_UNKNOWN || summary->flags & SUMMARY_PORT)
                        continue;
                wanted.sessions++;
                wanted.open += !(summary->flags & SUMMARY_STOP);
                wanted.incomplete += summary->flags & (SUMMARY_INCOMPLETE | SUMMARY_MISSED) &&
                                     !(summary->flags & SUMMARY_EXCLUDED);
        }
        assert_int_equal(index_counts(index, &is), 0);
        assert_int_equal(is.records, wanted.records);
        assert_int_equal(is.sessions, wanted.sessions);
        assert_int_equal(is.open, wanted.open);
        assert_int_equal(is.incomplete, wanted.incomplete);
        assert_int_equal(index_counts_causes(index, model_cause, &causes), 0);
        assert_int_equal(causes, wanted.sessions - wanted.open);
}

static void model_compare(const struct model *model, struct index *index, enum index_layer layer) {
        const uint64_t edges[] = { MIDNIGHT - 24 * HOUR, MIDNIGHT + 24 * HOUR };
        const struct index_query query = { .edges = edges, .n_edges = 2, .layer = layer };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        struct index_sum wanted = { .in = 0 };

        for (unsigned int i = 0; i < SESSIONS; i++) {
                const struct summary *summary = &model->summaries[i];
                uint64_t sum[2];
                bool unknown;

                if (summary->last == RECORD_UNKNOWN || summary->flags & SUMMARY_PORT)
                        continue;
                model_sum(model, i, layer, sum, &unknown);
                wanted.sessions++;
                if (summary->flags & SUMMARY_EXCLUDED) {
                        wanted.excluded++;
                        continue;
                }
                wanted.in += sum[0];
                wanted.out += sum[1];
                wanted.unknown += unknown;
                wanted.incomplete += !!(summary->flags & SUMMARY_INCOMPLETE);
        }
        assert_int_equal(index_ask(index, &query, &answer), 0);
        assert_int_equal(answer->total.in, wanted.in);
        assert_int_equal(answer->total.out, wanted.out);
        assert_int_equal(answer->total.sessions, wanted.sessions);
        assert_int_equal(answer->total.unknown, wanted.unknown);
        assert_int_equal(answer->total.incomplete, wanted.incomplete);
        assert_int_equal(answer->total.excluded, wanted.excluded);
}

/* What a session was for: all that one of its records says. */
static void model_kind(const struct model *model, unsigned int session,
                       char ret_text[static LOGINKIND_TEXT_MAX]) {
        unsigned int kinds = 0;

        for (size_t i = 0; i < model->n; i++)
                if (model->records[i]->session[UUID_TEXT_MAX - 2] == (char)('0' + session))
                        kinds |= loginkind_parse(model->records[i]->kind);
        loginkind_format(kinds, ret_text);
}

static void model_compare_kinds(const struct model *model, struct index *index) {
        const uint64_t edges[] = { MIDNIGHT - 24 * HOUR, MIDNIGHT + 24 * HOUR };
        const struct index_query query = {
                .edges = edges, .n_edges = 2, .layer = INDEX_IP, .by = { INDEX_KIND }
        };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        uint64_t sessions = 0;

        assert_int_equal(index_ask(index, &query, &answer), 0);
        for (size_t n = 0; n < answer->n; n++) {
                struct index_sum wanted = { .in = 0 }, *is = &answer->sums[n];

                for (unsigned int i = 0; i < SESSIONS; i++) {
                        const struct summary *summary = &model->summaries[i];
                        char kind[LOGINKIND_TEXT_MAX];
                        uint64_t sum[2];
                        bool unknown;

                        model_kind(model, i, kind);
                        if (summary->last == RECORD_UNKNOWN || summary->flags & SUMMARY_PORT ||
                            strcmp(kind, is->key[0] ? is->key[0] : "") != 0)
                                continue;
                        model_sum(model, i, INDEX_IP, sum, &unknown);
                        wanted.sessions++;
                        wanted.in += summary->flags & SUMMARY_EXCLUDED ? 0 : sum[0];
                }
                assert_int_equal(is->sessions, wanted.sessions);
                assert_int_equal(is->in, wanted.in);
                sessions += is->sessions;
        }
        assert_int_equal(answer->total.sessions, sessions);
}

/* Whose an account is: the first of its records that has a name says it, or else its uid. */
static const char *model_name(const struct model *model, unsigned int session) {
        static const char *const uids[] = { "20001", "20002", "20003" };

        for (size_t i = 0; i < model->n && session + 1 < SESSIONS; i++)
                if (model->records[i]->session[UUID_TEXT_MAX - 2] == (char)('0' + session) &&
                    model->records[i]->user)
                        return model->records[i]->user;
        return uids[session / 2];
}

static void model_compare_users(const struct model *model, struct index *index) {
        const uint64_t edges[] = { MIDNIGHT - 24 * HOUR, MIDNIGHT + 24 * HOUR };
        const struct index_query query = {
                .edges = edges, .n_edges = 2, .layer = INDEX_IP, .by = { INDEX_USER }
        };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        uint64_t accounts = 0;

        assert_int_equal(index_ask(index, &query, &answer), 0);
        for (size_t n = 0; n < answer->n; n++) {
                struct index_sum wanted = { .in = 0 }, *is = &answer->sums[n];

                for (unsigned int i = 0; i < SESSIONS; i++) {
                        uint64_t sum[2];
                        bool unknown;

                        if (model->summaries[i].last == RECORD_UNKNOWN ||
                            strcmp(model_name(model, i), is->key[0] ? is->key[0] : "") != 0)
                                continue;
                        model_sum(model, i, INDEX_IP, sum, &unknown);
                        wanted.sessions++;
                        wanted.in += sum[0];
                        wanted.out += sum[1];
                }
                assert_int_equal(is->sessions, wanted.sessions);
                assert_int_equal(is->in, wanted.in);
                assert_int_equal(is->out, wanted.out);
                accounts += is->sessions;
        }
        assert_int_equal(answer->total.sessions, accounts);
}

static void model_round(void **state, enum index_ledger ledger) {
        _cleanup_(index_freep) struct index *index = NULL;
        struct model model = { .ledger = ledger };

        for (unsigned int i = 0; i < SESSIONS; i++) {
                model.summaries[i] = (struct summary)SUMMARY_INIT;
                model_session(&model, i);
        }
        assert_int_equal(index_open(NULL, temporary_path(state, "log"), ledger, &index), 0);
        model_write(state, &model, index);
        model_compare_counts(&model, index);
        if (ledger == INDEX_USERS) {
                model_compare_users(&model, index);
        } else {
                for (int layer = INDEX_IP; layer <= INDEX_PAYLOAD; layer++)
                        model_compare(&model, index, (enum index_layer)layer);
                model_compare_kinds(&model, index);
        }
        for (size_t i = 0; i < model.n; i++)
                (void)record_free(model.records[i]);
}

static void test_model(void **state) {
        for (unsigned int round = 0; round < ROUNDS; round++)
                model_round(state, INDEX_SSH);
}

static void test_users(void **state) {
        for (unsigned int round = 0; round < ROUNDS; round++)
                model_round(state, INDEX_USERS);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_model, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_users, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
