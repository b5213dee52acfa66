insert into contract (id, number, title, type_key, type_version, time_zone, status, configuration, terms, terms_version,
                      state, fact_no, event_no, created_at, updated_at)
values ($1, $2, '外呼服务外包合同', 'outbound-call-outsourcing', 1, 'Asia/Shanghai', 'draft', '{draft.drafting}', '{}', 1,
        '{}', 0, 0, clm_now(), clm_now());
