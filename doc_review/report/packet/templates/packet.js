(function () {
  'use strict';
  var root = document.documentElement;
  root.classList.add('js');

  // ---- theme: the reader's choice, else the system's
  function stored() { try { return localStorage.getItem('doc-review-theme'); } catch (e) { return null; } }
  function setTheme(name, keep) {
    if (name !== 'dark' && name !== 'light') return;
    root.setAttribute('data-theme', name);
    if (keep) try { localStorage.setItem('doc-review-theme', name); } catch (e) { /* private window */ }
  }
  function hashParts() { return decodeURIComponent(location.hash.slice(1)).split('&'); }
  setTheme(stored());
  hashParts().forEach(function (part) { setTheme(part); });
  function toggleTheme() {
    var now = root.getAttribute('data-theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    setTheme(now === 'dark' ? 'light' : 'dark', true);
  }

  document.addEventListener('DOMContentLoaded', function () {
    function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
    function one(selector) { return document.querySelector(selector); }
    function has(list, value) { return (' ' + list + ' ').indexOf(' ' + value + ' ') >= 0; }

    all('[data-theme-toggle]').forEach(function (b) { b.addEventListener('click', toggleTheme); });
    all('[data-print]').forEach(function (b) { b.addEventListener('click', function () { window.print(); }); });
    var query = one('#query');
    all('form.filters').forEach(function (f) { f.addEventListener('submit', function (e) { e.preventDefault(); }); });

    if (document.body.classList.contains('index')) {
      var rows = all('[data-row]');
      query.addEventListener('input', function () {
        var text = query.value.trim().toLowerCase();
        rows.forEach(function (row) { row.hidden = row.textContent.toLowerCase().indexOf(text) < 0; });
      });
      document.addEventListener('keydown', function (e) {
        if (e.key === '/' && e.target !== query) { e.preventDefault(); query.focus(); }
      });
      return;
    }

    var panes = one('.panes'), inspector = one('.inspector'), scope = one('.scope');
    var codeFilter = one('#code'), kindFilter = one('#kind'), jump = one('#jump');
    var cards = all('.card'), items = all('[data-ev]'), targets = all('[data-c]');
    var byKey = {}, order = [];
    targets.forEach(function (el) {
      el.getAttribute('data-c').split(' ').forEach(function (key) {
        if (!byKey[key]) { byKey[key] = []; order.push(key); }
        byKey[key].push(el);
      });
    });
    var state = { card: null, active: order.slice(), current: null };

    // ---- views (narrow screens) and tabs
    function setView(name) {
      panes.setAttribute('data-shown-view', name);
      all('.views button').forEach(function (b) { b.setAttribute('aria-pressed', String(b.getAttribute('data-view') === name)); });
    }
    setView('review');
    all('.views button').forEach(function (b) {
      b.addEventListener('click', function () { setView(b.getAttribute('data-view')); window.scrollTo(0, 0); });
    });
    var tabs = all('[role="tab"]');
    function setTab(id, focus) {
      tabs.forEach(function (tab) {
        var on = tab.getAttribute('aria-controls') === id;
        tab.setAttribute('aria-selected', String(on));
        tab.tabIndex = on ? 0 : -1;
        one('#' + tab.getAttribute('aria-controls')).hidden = !on;
        if (on && focus) tab.focus();
        if (on) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      });
    }
    setTab('codes');
    tabs.forEach(function (tab, index) {
      tab.addEventListener('click', function () { setTab(tab.getAttribute('aria-controls')); one('#review').scrollTop = 0; });
      tab.addEventListener('keydown', function (e) {
        var step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
        if (step) { e.preventDefault(); setTab(tabs[(index + step + tabs.length) % tabs.length].getAttribute('aria-controls'), true); }
      });
    });

    // ---- filters: which cards, items and marks are shown
    function matches(el, text) { return !text || el.textContent.toLowerCase().indexOf(text) >= 0; }
    function apply() {
      var text = query.value.trim().toLowerCase(), code = codeFilter.value, kind = kindFilter.value;
      var shown = 0, listed = 0, keys = {};
      cards.forEach(function (card) {
        card.hidden = !((!code || card.getAttribute('data-code') === code) && matches(card, text));
        if (!card.hidden) shown += 1;
      });
      all('.block').forEach(function (block) { block.hidden = !block.querySelector('.card:not([hidden])'); });
      all('.finding, .claim tbody').forEach(function (el) {
        el.hidden = !((!code || has(el.getAttribute('data-codes') || '', code)) && matches(el, text));
      });
      items.forEach(function (item) {
        var fits = (!code || has(item.getAttribute('data-codes'), code)) && (!kind || item.getAttribute('data-kind') === kind);
        if (fits) keys[item.getAttribute('data-ev')] = true;
        item.hidden = !(fits && matches(item, text));
        if (!item.hidden) listed += 1;
      });
      all('.kind-s').forEach(function (el) { el.hidden = !el.querySelector('[data-ev]:not([hidden])'); });
      one('#codes .nothing').hidden = shown > 0 || !cards.length;
      one('#evidence .nothing').hidden = listed > 0 || !items.length;
      if (state.card) {
        var own = state.card.getAttribute('data-keys').split(' ');
        state.active = own.filter(function (key) { return keys[key] && byKey[key]; });
      } else {
        state.active = order.filter(function (key) { return keys[key]; });
      }
      targets.forEach(function (el) {
        var on = el.getAttribute('data-c').split(' ').some(function (key) { return state.active.indexOf(key) >= 0; });
        el.classList.toggle('off', !on && !el.classList.contains('now'));
      });
      count();
    }
    function count() {
      var at = state.active.indexOf(state.current), of = state.active.length;
      var about = state.card ? state.card.querySelector('.code').textContent + ': ' : '';
      scope.textContent = about + (at >= 0 ? at + 1 + ' of ' + of : of + (of === 1 ? ' citation' : ' citations'));
    }
    [query, codeFilter, kindFilter].forEach(function (el) { el.addEventListener('input', function () { state.card && el === codeFilter && select(null); apply(); }); });

    // ---- a citation: go there, mark it, say what it is
    function seen(el) { var box = el.getBoundingClientRect(); return box.width > 0 && box.height > 0; }
    function go(key) {
      var found = byKey[key];
      if (!found) return;
      setView('documents');
      state.current = key;
      targets.forEach(function (el) { el.classList.remove('now', 'flash'); });
      var start = document.getElementById('b-' + key) || document.getElementById('t-' + key);
      var page = start && start.closest('.page');
      var here = found.filter(function (el) { return !page || page.contains(el); });
      var target = here.filter(seen)[0];
      if (!target && page) { setLayer(page, true); target = here.filter(seen)[0]; }
      found.forEach(function (el) { el.classList.add('now'); el.classList.remove('off'); });
      target = target || found[0];
      void target.getBoundingClientRect();
      found.forEach(function (el) { el.classList.add('flash'); });
      var calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      target.scrollIntoView({ block: 'center', inline: 'nearest', behavior: calm ? 'auto' : 'smooth' });
      all('.cite[aria-current]').forEach(function (a) { a.removeAttribute('aria-current'); });
      all('.cite[data-go="' + key + '"]').forEach(function (a) { a.setAttribute('aria-current', 'true'); });
      inspect(key);
      follows(target);
      apply();
    }
    function inspect(key) {
      var item = document.getElementById('e-' + key);
      inspector.textContent = '';
      inspector.hidden = !item;
      if (!item) return;
      function add(tag, text, name) {
        var el = document.createElement(tag);
        el.textContent = text;
        if (name) el.className = name;
        inspector.appendChild(el);
        return el;
      }
      var kind = item.closest('.kind-s').querySelector('.block-t').firstChild.textContent.trim();
      add('b', kind);
      add('span', item.querySelector('.assertion').textContent, 'tag');
      add('span', item.querySelector('.cite').textContent, 'muted');
      var users = cards.filter(function (card) { return has(card.getAttribute('data-keys'), key); });
      add('span', users.length ? 'used by' : 'used by no code', 'muted');
      users.forEach(function (card) {
        var b = add('button', card.querySelector('.code').textContent);
        b.type = 'button';
        b.addEventListener('click', function () { setView('review'); select(card, true); });
      });
      var close = add('button', '\u00d7', 'close');
      close.type = 'button';
      close.setAttribute('aria-label', 'Close');
      close.addEventListener('click', function () { inspector.hidden = true; });
    }
    function follows(el) {
      var doc = el.closest('.doc');
      if (doc) jump.value = doc.id;
    }
    function setLayer(page, asText) {
      page.classList.toggle('as-text', asText);
      var b = page.querySelector('[data-layer]');
      b.setAttribute('aria-pressed', String(asText));
      b.textContent = asText ? 'Show page' : 'Show text';
    }
    all('[data-layer]').forEach(function (b) {
      b.addEventListener('click', function () { var page = b.closest('.page'); setLayer(page, !page.classList.contains('as-text')); });
    });
    function step(by) {
      var list = state.active;
      if (!list.length) return;
      var at = list.indexOf(state.current);
      go(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length]);
    }
    all('[data-step]').forEach(function (b) { b.addEventListener('click', function () { step(Number(b.getAttribute('data-step'))); }); });

    // ---- cards
    function setOpen(card, open) {
      card.classList.toggle('open', open);
      card.querySelector('.card-b').setAttribute('aria-expanded', String(open));
    }
    function select(card, open) {
      state.card = card;
      cards.forEach(function (other) { other.classList.toggle('on', other === card); });
      if (card) {
        setTab('codes');
        if (open) setOpen(card, true);
        card.scrollIntoView({ block: 'nearest' });
      }
      apply();
    }
    cards.forEach(function (card) {
      card.querySelector('.card-b').addEventListener('click', function () {
        var open = !card.classList.contains('open');
        setOpen(card, open);
        select(open ? card : null);
      });
    });
    function stepCard(by) {
      var list = cards.filter(function (card) { return !card.hidden; });
      if (!list.length) return;
      var at = list.indexOf(state.card);
      var next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)];
      setView('review');
      cards.forEach(function (card) { if (card !== next) setOpen(card, false); });
      select(next, true);
      next.querySelector('.card-b').focus({ preventScroll: true });
    }

    // ---- clicks and keys
    function reveal(id) {
      var el = document.getElementById(id);
      if (!el) return;
      setView('documents');
      el.scrollIntoView({ block: 'start' });
      follows(el);
    }
    // The document in the middle of the pane is the one the selector names.
    var docs = all('.doc'), waiting = false;
    function watch() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(function () {
        waiting = false;
        var line = innerHeight * 0.45;
        var at = docs.filter(function (doc) { return doc.getBoundingClientRect().top <= line; }).pop();
        if (at) jump.value = at.id;
      });
    }
    one('#documents').addEventListener('scroll', watch, { passive: true });
    addEventListener('scroll', watch, { passive: true });
    document.addEventListener('click', function (e) {
      var link = e.target.closest('[data-go]'), page = e.target.closest('[data-page]'), more = e.target.closest('[data-more]');
      var mark = e.target.closest('[data-c]');
      if (link) { e.preventDefault(); var card = link.closest('.card'); if (card && card !== state.card) select(card); go(link.getAttribute('data-go')); }
      else if (page) { e.preventDefault(); reveal(page.getAttribute('data-page')); }
      else if (more) { more.parentElement.classList.add('all'); more.hidden = true; }
      else if (mark && !mark.classList.contains('off')) {
        var keys = mark.getAttribute('data-c').split(' ');
        var at = keys.indexOf(state.current);
        go(keys[(at + 1) % keys.length]);
      }
    });
    jump.addEventListener('change', function () { reveal(jump.value); });
    document.addEventListener('keydown', function (e) {
      var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName);
      if (e.key === 'Escape') {
        query.value = codeFilter.value = kindFilter.value = '';
        if (typing) e.target.blur();
        inspector.hidden = true;
        select(null);
        return;
      }
      if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
      var does = { n: function () { step(1); }, p: function () { step(-1); }, j: function () { stepCard(1); }, k: function () { stepCard(-1); },
        '/': function () { setView('review'); query.focus(); } }[e.key];
      if (does) { e.preventDefault(); does(); }
    });

    apply();
    function follow() {
      hashParts().forEach(function (part) {
        setTheme(part);
        var cite = /^[bt]-(\d+)$/.exec(part), card = /^s-\d+$/.exec(part);
        if (cite) go(cite[1]);
        else if (card) { var el = document.getElementById(part); if (el) select(el, true); }
        else if (/^show-(codes|findings|claim|evidence|chart)$/.test(part) && document.getElementById(part.slice(5))) { setView('review'); setTab(part.slice(5)); }
        else if (/^[dp]-\d+/.test(part) || part === 'documents') reveal(part);
      });
    }
    addEventListener('hashchange', follow);
    // After the browser's own jump to the fragment, which ends elsewhere.
    addEventListener('load', function () { if (location.hash) setTimeout(follow, 60); });
  });
})();
