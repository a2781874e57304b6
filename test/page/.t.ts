const id = process.argv[2];
for (let i = 0; i < 5; i++) { const s = performance.now(); const r = await fetch(`http://localhost:26686/api/spoor/trace/${id}/skeleton`); const n = (await r.arrayBuffer()).byteLength; console.log('skeleton', r.status, n, performance.now() - s); }
for (let i = 0; i < 3; i++) { const s = performance.now(); const r = await fetch(`http://localhost:26686/api/spoor/trace/${id}/row/5?spans=100000`); const n = await r.text(); console.log('row', n.slice(0,60), performance.now() - s); }
