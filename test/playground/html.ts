/** The page before its script runs. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>mrs-killswitch playground</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/playground/page.css">
</head>
<body>
<div id="root"><p class="loading">Starting the playground …</p></div>
<noscript>The playground needs JavaScript.</noscript>
<script type="module" src="/playground/page.js"></script>
</body>
</html>
`;
