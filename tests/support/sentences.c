/* sentences: see sentences.h. Words are common ones, put together at random: the texts mean nothing. */
#include "sentences.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const zh_nouns[] = {
    "河道", "苗圃", "书店", "水泵", "渡口", "果园", "灯塔", "粮仓", "茶馆", "车间", "堤坝", "鱼塘", "剧场",
    "货栈", "磨坊", "钟楼", "邮亭", "操场", "菜市", "祠堂", "码头", "窑厂", "酒坊", "牧场", "站台", "泉眼",
    "石桥", "长廊", "药铺", "木工", "渔民", "邻居", "护士", "厨师", "工匠", "司机", "老师", "孩子", "队员",
    "画家", "乐手", "农户", "商贩", "园丁", "船员", "裁缝", "铁匠", "向导", "账本", "地图", "图纸", "种子",
    "雨伞", "风筝", "陶罐", "竹篮", "棉布", "茶叶", "蜂蜜", "木材", "电缆", "阀门", "轴承", "温室", "雨季",
    "晨雾", "秋收", "夜班", "访谈", "设备", "材料", "报表", "流程", "方案", "预算", "订单", "样品", "展品",
    "课程", "乐谱", "节目", "比赛", "球队", "裁判", "观众"};
static const char *const zh_verbs[] = {
    "修理", "清点", "搬运", "种植", "采摘", "登记", "测量", "粉刷", "运送", "挑选", "晾晒", "打磨", "记录",
    "检查", "讨论", "安排", "整理", "收集", "更换", "加固", "观察", "编写", "浇灌", "照看", "训练", "排演",
    "核对", "翻新", "拆除", "改造", "学习", "分发", "封存", "丈量", "描绘", "比较", "计算", "回收", "分拣",
    "装订", "烘干", "过滤", "焊接", "切割", "调试", "盘点", "迎接", "陪同", "劝说", "感谢"};
static const char *const zh_more[] = {"认真", "慢慢", "悄悄", "连夜", "一起", "轮流", "反复", "当场", "提前",
                                      "按时", "仔细", "独自", "共同", "陆续", "重新", "尽快", "顺便", "终于",
                                      "立刻", "依次", "照常", "分头", "再次", "从头", "就地", "随手"};
static const char *const zh_when[] = {"清晨",     "午后",     "傍晚",     "上个月",   "入冬以后", "开春前",
                                      "雨停之后", "第二天",   "收工时",   "集市散了", "汛期里",   "这一年",
                                      "周末",     "昨天夜里", "天亮之前", "不久以后", "去年秋天", "近来"};
static const char *const zh_where[] = {"城南", "河西", "山脚下", "老街",   "北门外", "岛上", "镇里",
                                       "湾口", "坡上", "院内",   "仓库旁", "桥东",   "林场", "湖边",
                                       "集镇", "巷口", "县里",   "村头",   "渡船上", "厂区"};
static const char *const zh_names[] = {"周岚",   "沈九河", "卢小满", "邱树声", "温雁",
                                       "廖青禾", "戴一舟", "贺明川", "柳絮",   "方砚秋"};
static const char *const zh_links[] = {"而且", "但是", "于是", "因此", "同时",
                                       "不过", "所以", "另外", "随后", "只是"};
static const char *const zh_ends[] = {"。", "。", "。", "。", "！", "？", "……", "。"};

static const char *const en_nouns[] = {
    "harbour",  "ladder",  "orchard", "kettle",   "miller",   "lantern", "ferry",     "cobbler",
    "meadow",   "quarry",  "saddle",  "basket",   "teacher",  "river",   "engine",    "blanket",
    "market",   "captain", "furnace", "garden",   "violin",   "bridge",  "carpenter", "letter",
    "library",  "window",  "granary", "shepherd", "cellar",   "compass", "village",   "rooster",
    "chimney",  "ledger",  "painter", "anchor",   "workshop", "pasture", "barrel",    "sister",
    "stranger", "barn",    "cloud",   "bakery",   "gate",     "signal",  "platform",  "tunnel"};
static const char *const en_verbs[] = {
    "repaired", "carried",   "counted",    "watched",   "painted",  "measured", "borrowed",
    "followed", "described", "remembered", "sheltered", "dragged",  "polished", "returned",
    "mended",   "opened",    "searched",   "traded",    "gathered", "crossed",  "copied",
    "praised",  "warned",    "visited",    "buried",    "lifted",   "sorted",   "replaced"};
static const char *const en_adjectives[] = {
    "narrow",  "old",   "quiet",   "broken", "heavy",  "bright", "careful",  "wooden", "distant", "hungry",
    "patient", "grey",  "crooked", "sudden", "gentle", "empty",  "stubborn", "early",  "cold",    "famous",
    "useful",  "rusty", "curious", "damp",   "hollow", "plain",  "shallow",  "steep"};
static const char *const en_links[] = {"and",    "but",   "while", "because", "although",
                                       "before", "after", "until", "so",      "whenever"};
static const char *const en_places[] = {"near the",   "behind the", "under the",  "beyond the",
                                        "beside the", "across the", "inside the", "above the"};

static const char *const th_words[] = {"น้ำ",  "ต้นไม้",  "ตลาด", "เรือ",  "ภูเขา", "ครู",  "ถนน", "บ้าน",
                                       "ฝน",  "ดอกไม้", "ข้าว",  "แม่น้ำ", "เมือง", "เด็ก", "เดิน", "ซ่อม",
                                       "เก็บ", "ขาย",   "เขียน", "อ่าน",  "สวย",  "เก่า", "ใหญ่", "เล็ก",
                                       "เช้า", "เย็น",   "แล้ว",  "กำลัง", "ที่",    "และ"};
static const char *const ar_words[] = {"نهر",  "كتاب", "مدينة", "سوق",  "شجرة", "معلم", "طريق",
                                       "بيت",  "مطر",  "سفينة", "جبل",  "صباح", "قديم", "كبير",
                                       "جميل", "يكتب", "يقرأ",  "يحمل", "يصلح", "يبيع", "مع",
                                       "في",   "على",  "من",    "بعد",  "قبل",  "حَقْل",  "جِسْر"};
static const char *const emoji[] = {"😀",      "🚲",  "🌧",    "👩‍🌾", "👨‍👩‍👧",
                                    "🇫🇷",     "🇯🇵", "❤️",  "☔",           "🏽",
                                    "🧵",   "🐟",  "1️⃣", "✈️",      "🎻",
                                    "🌶️"};

/* 10 to 36 characters; numbers 30 and up are whole stock sentences that reach the smallest passage only
 * together. */
static const char *const zh_phrase_heads[] = {
    "按照统一部署",   "在各方共同努力下", "为进一步做好这项工作", "据现场工作人员介绍",
    "记者从会上获悉", "与会代表一致认为", "截至发稿时",           "下一步"};
static const char *const zh_phrase_tails[] = {
    "有关部门将继续加强巡查并及时公布进展", "各项准备工作正在有序推进",
    "广大居民的生活没有受到影响",           "具体原因还在进一步调查之中",
    "将在全县范围内逐步推广这一做法",       "这为今后几年的工作打下了良好基础"};
static const char *const en_phrase_heads[] = {"according to people at the scene", "as the meeting agreed",
                                              "in the weeks ahead", "with the help of everyone"};
static const char *const en_phrase_tails[] = {"the work will go on as planned",
                                              "the cause is still being looked into",
                                              "nobody was hurt",
                                              "further steps will be made known in time",
                                              "the costs are shared by all",
                                              "this is a good beginning"};

#define PICK(r, list) (list[prng_below((r), COUNT(list))])

const char *lang_name(lang l) {
    static const char *const names[] = {"Chinese", "English", "mixed", "Thai", "Arabic", "emoji", "noise"};
    return l < LANG_COUNT ? names[l] : "?";
}

const char *lang_gap(lang l) {
    return l == LANG_CHINESE ? "" : " ";
}

static void number_add(bytes *out, prng *r) {
    char text[48];
    unsigned a = (unsigned)prng_range(r, 1, 999), b = (unsigned)prng_below(r, 100);
    switch (prng_below(r, 9)) {
    case 0: snprintf(text, sizeof text, "%u.%u", a, b); break;
    case 1: snprintf(text, sizeof text, "%u,%03u", a, b * 7); break;
    case 2: snprintf(text, sizeof text, "%u:%02u", a % 24, b % 60); break;
    case 3: snprintf(text, sizeof text, "%u.%u%%", a % 100, b); break;
    case 4: snprintf(text, sizeof text, "-%u", b); break;
    case 5: snprintf(text, sizeof text, "%u-%u", b, b + 3); break;
    default: snprintf(text, sizeof text, "%u", a); break;
    }
    bytes_add_text(out, text);
}

static void chinese_clause(bytes *out, prng *r) {
    if (prng_chance(r, 400)) bytes_add_text(out, PICK(r, zh_when));
    if (prng_chance(r, 400)) bytes_add_text(out, PICK(r, zh_where));
    bytes_add_text(out, prng_chance(r, 250) ? PICK(r, zh_names) : PICK(r, zh_nouns));
    bytes_add_text(out, PICK(r, zh_more));
    bytes_add_text(out, PICK(r, zh_verbs));
    if (prng_chance(r, 600)) bytes_add_text(out, "了");
    if (prng_chance(r, 150)) {
        number_add(out, r);
        bytes_add_text(out, "个");
    }
    bytes_add_text(out, PICK(r, zh_nouns));
    if (prng_chance(r, 300)) {
        bytes_add_text(out, "和");
        bytes_add_text(out, PICK(r, zh_nouns));
    }
}

static void chinese_sentence(bytes *out, prng *r) {
    size_t clauses = prng_range(r, 1, 4);
    size_t quoted = prng_chance(r, 150) ? prng_below(r, clauses) : clauses;
    for (size_t i = 0; i < clauses; i++) {
        if (i) bytes_add_text(out, prng_chance(r, 100) ? "；" : prng_chance(r, 250) ? "," : "，");
        if (i && prng_chance(r, 250)) bytes_add_text(out, PICK(r, zh_links));
        if (i == quoted) bytes_add_text(out, "“");
        chinese_clause(out, r);
        if (i == quoted) bytes_add_text(out, prng_chance(r, 300) ? "。”" : "”");
        if (prng_chance(r, 40)) bytes_add_text(out, "（见附图）");
    }
    bytes_add_text(out, PICK(r, zh_ends));
}

static void english_clause(bytes *out, prng *r) {
    bytes_add_text(out, "the ");
    bytes_add_text(out, PICK(r, en_adjectives));
    bytes_add_text(out, " ");
    bytes_add_text(out, PICK(r, en_nouns));
    bytes_add_text(out, " ");
    bytes_add_text(out, PICK(r, en_verbs));
    bytes_add_text(out, prng_chance(r, 300) ? " a " : " the ");
    if (prng_chance(r, 100)) {
        number_add(out, r);
        bytes_add_text(out, " ");
    }
    bytes_add_text(out, PICK(r, en_nouns));
    if (prng_chance(r, 300)) {
        bytes_add_text(out, " ");
        bytes_add_text(out, PICK(r, en_places));
        bytes_add_text(out, " ");
        bytes_add_text(out, PICK(r, en_nouns));
    }
}

static void english_sentence(bytes *out, prng *r) {
    size_t from = out->len, clauses = prng_range(r, 1, 3);
    bool quoted = prng_chance(r, 100);
    if (quoted) bytes_add_text(out, "\"");
    for (size_t i = 0; i < clauses; i++) {
        if (i) {
            bytes_add_text(out, ", ");
            bytes_add_text(out, PICK(r, en_links));
            bytes_add_text(out, " ");
        }
        english_clause(out, r);
    }
    if (!quoted) out->ptr[from] = 'T';
    bytes_add_text(out, quoted ? ".\"" : prng_chance(r, 100) ? "!" : ".");
}

static void mixed_sentence(bytes *out, prng *r) {
    chinese_clause(out, r);
    bytes_add_text(out, prng_chance(r, 500) ? "用" : " ");
    bytes_add_text(out, PICK(r, en_nouns));
    bytes_add_text(out, prng_chance(r, 500) ? "," : "（");
    bool open = out->ptr[out->len - 1] != ',';
    bytes_add_text(out, PICK(r, en_adjectives));
    bytes_add_text(out, " ");
    bytes_add_text(out, PICK(r, en_nouns));
    if (open) bytes_add_text(out, "）");
    chinese_clause(out, r);
    number_add(out, r);
    bytes_add_text(out, PICK(r, zh_ends));
}

static void words_sentence(bytes *out, prng *r, const char *const *words, size_t count, const char *gap,
                           const char *comma, const char *end) {
    size_t n = prng_range(r, 5, 18);
    for (size_t i = 0; i < n; i++) {
        if (i) bytes_add_text(out, prng_chance(r, 100) ? comma : gap);
        if (prng_chance(r, 30)) number_add(out, r);
        bytes_add_text(out, words[prng_below(r, count)]);
    }
    bytes_add_text(out, end);
}

/* Characters that rules and folding have an opinion about, and any others. */
static uint32_t noise_char(prng *r) {
    static const uint32_t odd[] = {
        0x20,    0xA0,   0x3000, 0x200B,  0x2060, 0xFEFF,  0xAD,   0x09,   0x301,  0x300,  0x308,
        0x328,   0x345,  0x130,  0x131,   0xDF,   0x1E9E,  0x17F,  0x212A, 0x2126, 0x3B1,  0x1F00,
        0xAC00,  0x1100, 0x1161, 0x11A8,  0xFF21, 0xFF10,  0xFF0E, 0xFF0C, 0xFF61, 0xFF71, 0xFF9E,
        0x304B,  0x3099, 0x2026, 0x2014,  0x2D,   0x2B,    0x2212, 0x2E,   0x2C,   0x3002, 0x22,
        0x27,    0x201C, 0x201D, 0x2018,  0x2019, 0x300C,  0x300D, 0x28,   0x29,   0xFF08, 0xFF09,
        0x21,    0x3F,   0x3B,   0x3A,    0x660,  0x966,   0x2460, 0xBD,   0xFE0F, 0x200D, 0x200C,
        0xE0061, 0x202E, 0x202C, 0x2F800, 0xF900, 0x1D15E, 0x85,   0x9F,   0x7F,   0x180E, 0x3B,
        0x25,    0x2030, 0x2103, 0x7E,    0x5C,   0x60,    0x3007, 0x30,   0x31,   0x39,   0x34};
    if (prng_chance(r, 600)) return PICK(r, odd);
    for (;;) {
        static const uint32_t limits[] = {0x80, 0x250, 0x600, 0x3000, 0xFFFF, 0x1FFFF, 0x10FFFF};
        uint32_t c = (uint32_t)prng_range(r, 0x20, PICK(r, limits));
        if (c < 0xD800 || c > 0xDFFF) return c;
    }
}

static void noise_sentence(bytes *out, prng *r) {
    size_t n = prng_range(r, 1, 60);
    for (size_t i = 0; i < n; i++) {
        if (prng_chance(r, 300))
            word_add(out, r, (lang)prng_below(r, LANG_EMOJI));
        else
            bytes_add_char(out, noise_char(r));
    }
    bytes_add_text(out, prng_chance(r, 500) ? "。" : ".");
}

void word_add(bytes *out, prng *r, lang l) {
    switch (l) {
    case LANG_ENGLISH: bytes_add_text(out, PICK(r, en_nouns)); return;
    case LANG_THAI: bytes_add_text(out, PICK(r, th_words)); return;
    case LANG_ARABIC: bytes_add_text(out, PICK(r, ar_words)); return;
    case LANG_EMOJI: bytes_add_text(out, PICK(r, emoji)); return;
    case LANG_NOISE: bytes_add_char(out, noise_char(r)); return;
    case LANG_MIXED: number_add(out, r); return;
    case LANG_CHINESE:
    case LANG_COUNT: break;
    }
    bytes_add_text(out, PICK(r, zh_nouns));
}

void sentence_add(bytes *out, prng *r, lang l) {
    switch (l) {
    case LANG_ENGLISH: english_sentence(out, r); return;
    case LANG_MIXED: mixed_sentence(out, r); return;
    case LANG_THAI: words_sentence(out, r, th_words, COUNT(th_words), "", " ", ""); return;
    case LANG_ARABIC:
        words_sentence(out, r, ar_words, COUNT(ar_words), " ", "، ", prng_chance(r, 300) ? "؟" : ".");
        return;
    case LANG_EMOJI:
        words_sentence(out, r, en_nouns, COUNT(en_nouns), " ", "😀", "!");
        words_sentence(out, r, emoji, COUNT(emoji), "", " ", "。");
        return;
    case LANG_NOISE: noise_sentence(out, r); return;
    case LANG_CHINESE:
    case LANG_COUNT: break;
    }
    chinese_sentence(out, r);
}

void phrase_add(bytes *out, lang l, size_t number) {
    if (l == LANG_ENGLISH) {
        bytes_add_text(out, en_phrase_heads[number % COUNT(en_phrase_heads)]);
        bytes_add_text(out, ", ");
        bytes_add_text(out, en_phrase_tails[number / COUNT(en_phrase_heads) % COUNT(en_phrase_tails)]);
        return;
    }
    if (number % 3) {
        bytes_add_text(out, zh_phrase_heads[number % COUNT(zh_phrase_heads)]);
        bytes_add_text(out, "，");
    }
    bytes_add_text(out, zh_phrase_tails[number / COUNT(zh_phrase_heads) % COUNT(zh_phrase_tails)]);
}
