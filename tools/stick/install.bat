@echo off
py -3 "%~dp0install.py" %*
pause
